/** Answers that come in parts: contents, file names, lines found, changes. */
import * as v from "valibot";
import * as contract from "../../bus/contracts/file-guard.ts";
import { BusCode, BusError, isBusError } from "../../bus/errors.ts";
import type { BusStream, IncomingStream } from "../../bus/peer.ts";
import type { WireError } from "../../bus/protocol.ts";
import { askerOf, pathBytes, type ServiceOptions } from "./asking.ts";
import type { NativeGuard, NativeReply } from "./native.ts";
import { News } from "./news.ts";

/** One read of a file that is streamed. */
const STEP_BYTES = 256 * 1024;
const encoder = new TextEncoder();
const Opened = v.object({ handle: v.number(), stat: contract.Stat });
const Lines = v.union([v.array(contract.Hit), v.object({})]);

/** Registers the stream handlers. */
export function serveStreams({ peer, guard }: ServiceOptions): void {
  peer.serve(contract.content, ({ path }, incoming) => sendContent(guard, path, incoming));
  peer.serve(contract.find, ({ path, options }, incoming) => {
    const request = { op: "find", options };
    const around = { path: pathBytes(path), encode: ({ bytes }: NativeReply) => bytes };
    return sendParts(guard, incoming, { request, end: contract.FindEnd, ...around });
  });
  peer.serve(contract.search, ({ path, ...options }, incoming) => {
    const request = { op: "search", options };
    const around = { path: pathBytes(path), encode: linesOf };
    return sendParts(guard, incoming, { request, end: contract.SearchEnd, ...around });
  });
  peer.serve(contract.watch, ({ path }, incoming) => sendChanges(guard, path, incoming));
}

async function sendContent(
  guard: NativeGuard,
  path: contract.Path,
  incoming: IncomingStream<{ stat: contract.Stat }>,
): Promise<void> {
  const asker = askerOf(incoming);
  const around = { path: pathBytes(path), signal: incoming.signal };
  const { handle, stat } = v.parse(Opened, (await guard.ask({ op: "open" }, asker, around)).value);
  try {
    const stream = incoming.accept({ stat });
    const stop = abortedBy(stream);
    try {
      for (let offset = 0; ; ) {
        const request = { op: "read", handle, offset, length: STEP_BYTES };
        const { bytes } = await guard.ask(request, asker, { signal: stop });
        if (bytes === undefined || bytes.length === 0) break;
        await stream.write(bytes);
        offset += bytes.length;
      }
      stream.end();
    } catch (error) {
      stream.reset(toWire(error));
    }
  } finally {
    await guard.ask({ op: "close", handle }, asker);
  }
}

interface Parts {
  readonly request: { readonly op: string; readonly options: unknown };
  readonly path: Uint8Array;
  readonly end: v.GenericSchema;
  encode(part: NativeReply): Uint8Array | undefined;
}

/** The stream is accepted with the first part, which comes as soon as the folder was judged. */
async function sendParts(
  guard: NativeGuard,
  incoming: IncomingStream<object>,
  { request, path, end, encode }: Parts,
): Promise<void> {
  const stop = new AbortController();
  const state: { stream?: BusStream<object>; sent: Promise<void> } = { sent: Promise.resolve() };
  const send = (part: NativeReply): void => {
    const stream = state.stream ?? accepted(incoming, stop);
    state.stream = stream;
    const bytes = encode(part);
    if (bytes === undefined || bytes.length === 0) return;
    state.sent = state.sent.then(() => stream.write(bytes)).catch(() => stop.abort());
  };
  const around = { path, signal: AbortSignal.any([incoming.signal, stop.signal]), onPart: send };
  try {
    const reply = await guard.ask(request, askerOf(incoming), around);
    send({ value: {}, bytes: reply.bytes });
    await state.sent;
    state.stream?.end(v.parse(end, reply.value));
  } catch (error) {
    if (state.stream === undefined) throw error;
    state.stream.reset(toWire(error));
  }
}

function accepted(incoming: IncomingStream<object>, stop: AbortController): BusStream<object> {
  const stream = incoming.accept({});
  stream.done.catch(() => stop.abort());
  return stream;
}

function linesOf({ value, bytes }: NativeReply): Uint8Array | undefined {
  const lines = v.parse(Lines, value);
  if (!Array.isArray(lines)) return bytes;
  return encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

/** Changes of one folder. They are told one after the other; what comes meanwhile is told together. */
async function sendChanges(
  guard: NativeGuard,
  path: contract.Path,
  incoming: IncomingStream<object>,
): Promise<void> {
  const news = new News();
  const watch = await guard.watch(pathBytes(path), askerOf(incoming), (part) => {
    news.add(v.parse(contract.Changed, part.value));
  });
  const stream = incoming.accept({});
  const gone = stream.done.then(
    () => undefined,
    () => undefined,
  );
  try {
    for (;;) {
      const change = await Promise.race([news.next(), gone]);
      if (change === undefined) return;
      await stream.write(encoder.encode(`${JSON.stringify(change)}\n`));
      if (change.isGone) {
        stream.end();
        return;
      }
    }
  } catch {
    // The reader has gone, which is how a watch ends.
  } finally {
    watch.end();
  }
}

function abortedBy(stream: BusStream<unknown>): AbortSignal {
  const stop = new AbortController();
  stream.done.catch(() => stop.abort());
  return stop.signal;
}

function toWire(error: unknown): WireError {
  return isBusError(error)
    ? error.toWire()
    : { code: BusCode.internal, message: String(error instanceof BusError ? error.code : error) };
}
