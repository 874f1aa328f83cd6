/** Keys on their way: one writer's bytes go to the terminal in order, and what has arrived is acknowledged. */

import { TerminalCode } from "../../bus/contracts/terminal.ts";
import { isBusError } from "../../bus/errors.ts";
import type { BusStream, IncomingStream } from "../../bus/peer.ts";
import { INPUT_WINDOW_BYTES, type InputPipe } from "./backend.ts";

type InputAccept = { offset: number; received?: number | undefined };

/**
 * Joins a page's input stream to the holder's pipe until either ends. Nothing is kept here, so that killing
 * this process loses nothing: the page sends again from the offset that the holder tells.
 * @param onInput called for every chunk that passes.
 */
export function relayInput(
  incoming: IncomingStream<InputAccept>,
  pipe: InputPipe,
  onInput: () => void,
): void {
  const { offset, received } = pipe;
  const page = incoming.accept({ offset, received }, { windowBytes: INPUT_WINDOW_BYTES });
  pipe.onWritten = (bytes) => page.consumed(bytes);
  page.onChunk((chunk) => {
    pipe.write(chunk);
    onInput();
  });
  pipe.done.catch((error: unknown) => page.reset(reasonOf(error)));
  endWith(page, pipe);
}

function endWith(page: BusStream<InputAccept>, pipe: InputPipe): void {
  const close = () => pipe.close();
  page.done.then(close, close);
}

function reasonOf(error: unknown): { code: string; message: string } {
  if (isBusError(error)) return error.toWire();
  return { code: TerminalCode.backend, message: String(error) };
}
