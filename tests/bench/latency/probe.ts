/**
 * Runs inside of a page before anything of ours: watches the frames of its WebSocket and says when a key was pressed,
 * when its echo came and when the terminal's parser was through with it. The credit a view grants is that word:
 * it is sent when xterm calls back. Nothing of the product is changed.
 */

/** One key on its way. Wall clock, milliseconds. */
export interface KeySample {
  readonly keyMs: number;
  /** The key's bytes left the page. */
  sentMs: number;
  /** Output came back on the watched stream. */
  receivedMs: number;
  /** The parser was through with that output. */
  parsedMs: number;
}

/** What one stream of output has carried. */
export interface Flow {
  received: number;
  parsed: number;
  /** When all that had come was parsed last. Wall clock, milliseconds. */
  idleMs: number;
}

/** The probe of a page. */
export interface Probe {
  /** Correlation of the stream whose output counts as an echo; undefined: of any. */
  watched: number | undefined;
  /** Stream on which output came last. */
  lastStream: number | undefined;
  /** Output that parsers were through with, of all streams there ever were. */
  parsedBytes: number;
  /** The last key, until the next one. */
  key: KeySample | undefined;
  /** Streams that are open. */
  readonly flows: Record<number, Flow>;
}

declare global {
  var benchProbe: Probe | undefined;
}

/** Passed to the page as source, so it uses nothing from outside. */
export function installProbe(): void {
  const DATA = 12;
  const CREDIT = 13;
  const RESET = 15;
  const HEADER_BYTES = 40;
  const probe: Probe = {
    watched: undefined,
    lastStream: undefined,
    parsedBytes: 0,
    key: undefined,
    flows: {},
  };
  globalThis.benchProbe = probe;
  let echoEnd = 0;
  const nowMs = (): number => performance.timeOrigin + performance.now();
  const never = Number.NaN;
  const flowOf = (stream: number): Flow => {
    probe.flows[stream] ??= { received: 0, parsed: 0, idleMs: never };
    return probe.flows[stream];
  };
  const came = (stream: number, bytes: number): void => {
    const flow = flowOf(stream);
    flow.received += bytes;
    probe.lastStream = stream;
    const { key } = probe;
    if (key === undefined || !(key.sentMs > 0) || key.receivedMs > 0) return;
    if (probe.watched !== undefined && probe.watched !== stream) return;
    key.receivedMs = nowMs();
    echoEnd = flow.received;
  };
  const granted = (stream: number, bytes: number): void => {
    const flow = probe.flows[stream];
    if (flow === undefined) return;
    flow.parsed += bytes;
    probe.parsedBytes += bytes;
    if (flow.parsed === flow.received) flow.idleMs = nowMs();
    const { key } = probe;
    const isWatched = probe.watched === undefined || probe.watched === stream;
    if (key === undefined || !isWatched || !(key.receivedMs > 0) || key.parsedMs > 0) return;
    if (flow.parsed >= echoEnd) key.parsedMs = nowMs();
  };
  /** Reads frames out of chunks that may cut them anywhere. */
  const reader = (take: (kind: number, stream: number, amount: number) => void) => {
    let rest = new Uint8Array(0);
    return (chunk: Uint8Array): void => {
      let bytes = chunk;
      if (rest.length > 0) {
        bytes = new Uint8Array(rest.length + chunk.length);
        bytes.set(rest);
        bytes.set(chunk, rest.length);
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let at = 0;
      while (bytes.length - at >= HEADER_BYTES) {
        const length = view.getUint32(at, true);
        if (bytes.length - at < length) break;
        const kind = view.getUint8(at + 5);
        const stream = view.getUint32(at + 16, true);
        const payload = length - HEADER_BYTES - view.getUint16(at + 38, true);
        take(kind, stream, kind === CREDIT ? view.getUint32(at + 32, true) : payload);
        at += length;
      }
      rest = bytes.slice(at);
    };
  };
  const down = reader((kind, stream, amount) => {
    if (kind === DATA) came(stream, amount);
    // What came on a stream that is reset is never granted for.
    if (kind === RESET) delete probe.flows[stream];
  });
  const up = reader((kind, stream, amount) => {
    if (kind === CREDIT) granted(stream, amount);
    if (kind === DATA && probe.key !== undefined && !(probe.key.sentMs > 0))
      probe.key.sentMs = nowMs();
  });
  class WatchedSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (data instanceof ArrayBuffer) down(new Uint8Array(data));
      });
    }

    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
      if (ArrayBuffer.isView(data))
        up(new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)));
      super.send(data as ArrayBuffer);
    }
  }
  globalThis.WebSocket = WatchedSocket;
  const pressed = (event: KeyboardEvent): void => {
    if (event.key.length !== 1) return;
    const keyMs = performance.timeOrigin + event.timeStamp;
    probe.key = { keyMs, sentMs: never, receivedMs: never, parsedMs: never };
  };
  addEventListener("keydown", pressed, { capture: true });
}
