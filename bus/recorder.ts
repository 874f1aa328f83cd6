/**
 * The flight recorder: always on, three rings of fixed size, nothing allocated and nothing decoded while recording.
 *
 *   headers   one fixed record for every frame          a flood of stream data cannot push out
 *   payloads  calls, events, control: first 4 KiB        calls and errors, because it goes
 *   streams   data frames: first 128 bytes               into a ring of its own
 *
 * Frames of class secret leave no payload here, those of class content only while a person has lifted the mask.
 */
import type { FrameObserver, SendNote } from "./broker/observer.ts";
import type { Clock } from "./clock.ts";
import type { FrameRecord } from "./contracts/hub.ts";
import type { Frame } from "./frame.ts";
import {
  RECORDER_HEADER_BYTES,
  RECORDER_PAYLOAD_BYTES,
  RECORDER_PAYLOAD_SNAP_BYTES,
  RECORDER_STREAM_BYTES,
  RECORDER_STREAM_SNAP_BYTES,
} from "./limits.ts";
import { type DeadLetter, Extension, Flag, HEADER_BYTES, Kind } from "./protocol.ts";
import { PayloadRing } from "./recorder/payload-ring.ts";
import { DEAD_STATUS, type RecordNames, readRecord, WORDS, Word } from "./recorder/record.ts";

/** Sizes of the rings in bytes; tests use smaller ones. */
export interface RecorderSizes {
  readonly headers: number;
  readonly payloads: number;
  readonly streams: number;
}

export interface RecorderOptions {
  readonly clock: Clock;
  /** Names behind ids, asked only when a record is read. */
  readonly names: RecordNames;
  readonly sizes?: RecorderSizes;
}

const SIZES: RecorderSizes = {
  headers: RECORDER_HEADER_BYTES,
  payloads: RECORDER_PAYLOAD_BYTES,
  streams: RECORDER_STREAM_BYTES,
};
const WORD_BYTES = 4;
const TRACE_BYTES = 24;
const MASKED = Flag.captureContent | Flag.captureSecret;
/** Longest time the mask of class content can be lifted, milliseconds. */
export const CONTENTS_MS_MAX = 300_000;

/** A payload as far as it was kept. */
export interface RecordedPayload {
  readonly payload: Uint8Array;
  readonly codec: number;
  /** Bytes it had on the wire. */
  readonly wholeBytes: number;
}

export class Recorder implements FrameObserver {
  readonly #clock: Clock;
  readonly #names: RecordNames;
  readonly #capacity: number;
  readonly #words: Uint32Array;
  readonly #times: Float64Array;
  readonly #payloads: PayloadRing;
  readonly #streams: PayloadRing;
  #count = 0;
  #contentsUntilMs = Number.NEGATIVE_INFINITY;
  /** Subject id that is not recorded: the taps' own traffic. 0 for none. */
  #hiddenName = 0;

  constructor(options: RecorderOptions) {
    const sizes = options.sizes ?? SIZES;
    this.#clock = options.clock;
    this.#names = options.names;
    this.#capacity = Math.max(1, Math.floor(sizes.headers / (WORDS * WORD_BYTES)));
    const bytes = new ArrayBuffer(this.#capacity * WORDS * WORD_BYTES);
    this.#words = new Uint32Array(bytes);
    this.#times = new Float64Array(bytes);
    this.#payloads = new PayloadRing(sizes.payloads);
    this.#streams = new PayloadRing(sizes.streams);
  }

  /** Records made so far; the newest is `count - 1`. */
  get count(): number {
    return this.#count;
  }

  /** Oldest record that is still there. */
  get oldest(): number {
    return Math.max(0, this.#count - this.#capacity);
  }

  /** Frames of this subject are not recorded from now on. */
  hide(name: number): void {
    this.#hiddenName = name;
  }

  /** Keeps payloads of class content for `ms`, at most CONTENTS_MS_MAX; 0 ends it. */
  liftContents(ms: number): void {
    this.#contentsUntilMs = this.#clock.now() + Math.min(ms, CONTENTS_MS_MAX);
  }

  onSent(frame: Frame, receiverId: number, note: SendNote): void {
    if (frame.name === this.#hiddenName && frame.name !== 0) return;
    const word = this.#write(frame, note.nowMs);
    this.#words[word + Word.destination] = receiverId;
    this.#words[word + Word.waitUs] = note.waitMs * 1_000;
  }

  onTaken(frame: Frame, sourceId: number, nowMs: number): void {
    const word = this.#write(frame, nowMs);
    this.#words[word + Word.source] = sourceId;
    if (frame.kind === Kind.hello) this.#words[word + Word.kept] = 0;
  }

  onDead(frame: Frame, letter: DeadLetter, nowMs: number): void {
    const word = this.#write(frame, nowMs);
    const status = DEAD_STATUS.indexOf(letter.reason);
    this.#words[word + Word.kindFlagsLaneStatus] =
      ((this.#words[word + Word.kindFlagsLaneStatus] ?? 0) | (status << 24)) >>> 0;
  }

  /** A record decoded; undefined when it is overwritten or not made yet. */
  read(record: number): FrameRecord | undefined {
    const word = this.#wordOf(record);
    if (word === undefined) return undefined;
    const kept = this.#keptPayload(word);
    return readRecord(
      record,
      { words: this.#words, times: this.#times, at: word, payload: kept },
      this.#names,
    );
  }

  /** What is left of a record's payload; undefined when it is masked, overwritten or never was. */
  payload(record: number): RecordedPayload | undefined {
    const word = this.#wordOf(record);
    if (word === undefined) return undefined;
    const payload = this.#keptPayload(word);
    if (payload === undefined) return undefined;
    const codec = ((this.#words[word + Word.kindFlagsLaneStatus] ?? 0) >>> 16) & 0x0f;
    const wholeBytes =
      (this.#words[word + Word.length] ?? 0) -
      HEADER_BYTES -
      (this.#words[word + Word.extensionBytes] ?? 0);
    return { payload: payload.slice(), codec, wholeBytes };
  }

  /** The last frames from and to a peer, oldest first. */
  lastFrames(peerId: number, countMax: number): FrameRecord[] {
    const frames: FrameRecord[] = [];
    for (
      let record = this.#count - 1;
      record >= this.oldest && frames.length < countMax;
      record--
    ) {
      const word = this.#wordOf(record) ?? 0;
      if (
        this.#words[word + Word.source] !== peerId &&
        this.#words[word + Word.destination] !== peerId
      )
        continue;
      const frame = this.read(record);
      if (frame !== undefined) frames.push(frame);
    }
    return frames.reverse();
  }

  /** Monotonic time of a record, milliseconds. */
  timeOf(record: number): number | undefined {
    const word = this.#wordOf(record);
    return word === undefined ? undefined : this.#times[word >> 1];
  }

  #wordOf(record: number): number | undefined {
    if (!Number.isInteger(record) || record < this.oldest || record >= this.#count)
      return undefined;
    return (record % this.#capacity) * WORDS;
  }

  #keptPayload(word: number): Uint8Array | undefined {
    const kept = this.#words[word + Word.kept] ?? 0;
    if (kept === 0) return undefined;
    const kind = (this.#words[word + Word.kindFlagsLaneStatus] ?? 0) & 0xff;
    const ring = kind === Kind.data ? this.#streams : this.#payloads;
    return ring.read(this.#times[(word >> 1) + 1] ?? 0, kept);
  }

  #write(frame: Frame, nowMs: number): number {
    const word = (this.#count % this.#capacity) * WORDS;
    const { view, at } = frame;
    const words = this.#words;
    this.#count++;
    this.#times[word >> 1] = nowMs;
    words[word + Word.source] = frame.source;
    words[word + Word.destination] = frame.destination;
    words[word + Word.correlation] = frame.correlation;
    words[word + Word.name] = frame.name;
    words[word + Word.length] = frame.length;
    words[word + Word.waitUs] = 0;
    words[word + Word.kindFlagsLaneStatus] =
      frame.kind | (frame.flags << 8) | (frame.codecLane << 16);
    words[word + Word.epoch] = frame.epoch;
    words[word + Word.extensionBytes] = frame.extensionBytes;
    const trace = at + HEADER_BYTES;
    const traced = frame.extensionBytes > TRACE_BYTES && frame.head[trace] === Extension.trace;
    for (let index = 0; index < 4; index++) {
      words[word + Word.trace + index] = traced ? view.getUint32(trace + 2 + index * 4) : 0;
    }
    words[word + Word.kept] = this.#keep(frame, word, nowMs);
    return word;
  }

  #keep(frame: Frame, word: number, nowMs: number): number {
    const masked = frame.flags & MASKED;
    if (masked !== 0 && ((masked & Flag.captureSecret) !== 0 || nowMs > this.#contentsUntilMs))
      return 0;
    const isData = frame.kind === Kind.data;
    const ring = isData ? this.#streams : this.#payloads;
    const bytes = Math.min(
      frame.payloadBytes,
      isData ? RECORDER_STREAM_SNAP_BYTES : RECORDER_PAYLOAD_SNAP_BYTES,
    );
    if (bytes === 0) return 0;
    this.#times[(word >> 1) + 1] = ring.write(frame, bytes);
    return bytes;
  }
}
