/**
 * Keys of one view into one session, over any number of links. Travels in the control lane, so Ctrl+C overtakes
 * queued output. After a reconnect it goes on from the offset the terminal names (state/input-buffer.ts).
 */
import { input, TerminalCode } from "../../bus/contracts/terminal.ts";
import { isBusError } from "../../bus/errors.ts";
import type { BusStream } from "../../bus/peer.ts";
import type { Connection } from "../bus.ts";
import { type CursorMode, cursorKeyIn } from "../state/cursor-keys.ts";
import { type Arrived, InputBuffer, type InputStanding } from "../state/input-buffer.ts";
import { backoff } from "./backoff.ts";

/** How often the standing is looked at while something is unacknowledged, milliseconds. */
const LOOK_MS = 100;

/** Bytes typed before there was a link, with the time on `now`'s clock. */
export interface EarlyPiece {
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

export interface InputLinkOptions {
  readonly connection: Connection;
  readonly session: string;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** A name no other writer of the session has. */
  readonly writer: string;
  readonly early?: readonly EarlyPiece[];
  /** Whether the modes of the program's screen are known. Until then keys wait; then call `modesKnown`. */
  readonly areModesKnown: () => boolean;
  readonly onStanding: (standing: InputStanding) => void;
  /** Input was refused: the buffer is full. */
  readonly onFull: () => void;
}

type Accepted = { readonly offset: number; readonly received?: number | undefined };

export class InputLink {
  readonly #options: InputLinkOptions;
  readonly #buffer = new InputBuffer();
  #stream: BusStream<Accepted> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: InputLinkOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
    for (const { bytes, atMs } of options.early ?? []) this.#buffer.push(bytes, atMs);
    this.#look();
    void this.#run();
  }

  /** Whether keys go straight to the terminal now. */
  get isLive(): boolean {
    return this.#stream !== undefined;
  }

  /** `atMs`: when it was typed, if that was not now. */
  send(bytes: Uint8Array, atMs: number = this.#options.now()): void {
    if (!this.#buffer.push(bytes, atMs)) return this.#options.onFull();
    this.#pump();
    this.#look();
  }

  /** The screen stands: what was typed meanwhile is sent as the program has set its cursor keys. */
  modesKnown(mode: CursorMode): void {
    this.#buffer.expire(this.#options.now());
    this.#buffer.encodeAnew((bytes) => cursorKeyIn(mode, bytes));
    this.#pump();
    this.#look();
  }

  /** The person wants the keys that were set aside to be sent. */
  sendAside(): void {
    this.#buffer.sendAside(this.#options.now());
    this.#pump();
    this.#look();
  }

  discardAside(): void {
    this.#buffer.discardAside();
    this.#look();
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    const pause = backoff(signal);
    while (!signal.aborted) {
      try {
        await this.#once(pause.reset);
      } catch (error) {
        if (isOver(error)) return this.#end();
      } finally {
        this.#stream = undefined;
      }
      await pause.wait();
    }
  }

  async #once(onLive: () => void): Promise<void> {
    const { connection, session, writer, signal } = this.#options;
    const stream = await connection.open(input, { session, writer }, { lane: "control", signal });
    const stop = () => stream.reset({ code: "bus/cancelled", message: "the view is closed" });
    if (signal.aborted) {
      stop();
      await stream.done.catch(() => undefined);
      return;
    }
    signal.addEventListener("abort", stop, { once: true });
    try {
      this.#take(stream);
      onLive();
      await stream.done;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  #take(stream: BusStream<Accepted>): void {
    const { offset, received } = stream.accepted;
    const arrived: Arrived = { written: offset, received };
    this.#stream = stream;
    this.#buffer.resume(arrived, this.#options.now());
    stream.onAcknowledged = () => {
      if (this.#stream !== stream) return;
      this.#buffer.acknowledge(offset + stream.acknowledgedBytes);
      this.#look();
    };
    stream.onChunk(() => undefined);
    this.#pump();
    this.#look();
  }

  #pump(): void {
    const stream = this.#stream;
    if (stream === undefined || !this.#options.areModesKnown()) return;
    // A write that a reset rejects is sent again from the accept offset of the next stream.
    for (const bytes of this.#buffer.take()) stream.write(bytes).catch(() => undefined);
  }

  #look(): void {
    clearTimeout(this.#timer);
    const now = this.#options.now();
    const isWaiting = this.#stream === undefined || !this.#options.areModesKnown();
    if (isWaiting) this.#buffer.expire(now);
    this.#options.onStanding(this.#buffer.standing(now));
    if (this.#buffer.keptBytes === 0 || this.#options.signal.aborted) return;
    this.#timer = setTimeout(() => this.#look(), LOOK_MS);
  }

  #end(): void {
    this.#buffer.clear();
    this.#look();
  }
}

function isOver(error: unknown): boolean {
  return isBusError(error, TerminalCode.noSuchSession) || isBusError(error, TerminalCode.ended);
}
