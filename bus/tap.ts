/**
 * Taps: live frames for the panel and the command line. A tap reads the recorder's ring behind the traffic, so it costs
 * the routing nothing and can block nobody; what it cannot keep up with is counted as missed.
 *
 *   frames --> recorder ring --every 50 ms--> filter --> batch --credit--> stream hub.tap
 */
import type { Clock } from "./clock.ts";
import { encodeValue } from "./codec.ts";
import * as hub from "./contracts/hub.ts";
import { BusCode, BusError } from "./errors.ts";
import { compileTapFilter } from "./filter/index.ts";
import { TAP_QUEUE_BYTES_MAX, TAPS_MAX } from "./limits.ts";
import type { BusStream, IncomingStream, Peer } from "./peer.ts";
import type { Recorder } from "./recorder.ts";

/** How often a tap looks, milliseconds. */
const TAP_STEP_MS = 50;
/** The same until it has caught up with the past. */
const PAST_STEP_MS = 1;
/** Longest time one look may take, milliseconds: the rest waits, or is missed. */
const TAP_BUDGET_MS = 4;
/** Records between two looks at the clock. */
const RECORDS_PER_CHECK = 32;
/** Records of one batch. */
const BATCH_RECORDS_MAX = 2_000;
const LENGTH_BYTES = 4;

export interface TapOptions {
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** Wall clock minus `clock`, milliseconds: turns a record's time into a date. */
  readonly epochMs: number;
  readonly hubEpoch: number;
}

/** Serves `hub.tap` and `hub.record.*` on the hub's own peer. @returns a function that ends all taps and stops serving. */
export function serveRecorder(peer: Peer, options: TapOptions): () => void {
  const taps = new Set<Tap>();
  const { recorder, clock, epochMs } = options;
  const rate = new FrameRate(clock, recorder);
  const stops = [
    peer.serve(hub.tap, (input, incoming) => openTap(taps, { input, incoming, options })),
    peer.handle(hub.recordPayload, ({ record }) => {
      const found = recorder.payload(record);
      if (found !== undefined) return found;
      throw new BusError(
        hub.HubCode.notRecorded,
        `the payload of record ${record} is masked, overwritten or empty`,
        { data: { record, oldest: recorder.oldest } },
      );
    }),
    peer.handle(hub.recordContents, ({ seconds }) => {
      recorder.liftContents(seconds * 1_000);
      return { untilMs: clock.now() + epochMs + seconds * 1_000 };
    }),
    peer.handle(hub.recorderStats, () => {
      let missed = 0;
      for (const tap of taps) missed += tap.missed;
      return {
        frames: recorder.count,
        framesPerSecond: rate.perSecond(),
        oldestRecord: recorder.oldest,
        missed,
      };
    }),
  ];
  return () => {
    for (const tap of [...taps]) tap.stop();
    for (const stop of stops) stop();
  };
}

interface TapRequest {
  readonly input: { readonly filter: string; readonly past: boolean; readonly count: number };
  readonly incoming: IncomingStream<{ epochMs: number; hubEpoch: number }>;
  readonly options: TapOptions;
}

function openTap(taps: Set<Tap>, request: TapRequest): void {
  const { input, incoming, options } = request;
  if (taps.size >= TAPS_MAX) throw new BusError(BusCode.limit, `${TAPS_MAX} taps are open already`);
  const filter = compileTapFilter(input.filter);
  if (!filter.ok) {
    throw new BusError(hub.HubCode.badFilter, `column ${filter.at + 1}: ${filter.message}`, {
      data: { at: filter.at },
    });
  }
  const stream = incoming.accept(
    { epochMs: options.epochMs, hubEpoch: options.hubEpoch },
    { windowBytes: 0 },
  );
  const take = (record: hub.FrameRecord): boolean =>
    filter.take(record, { nowMs: options.clock.now(), epochMs: options.epochMs });
  const tap = new Tap(stream, { ...options, take, past: input.past, countMax: input.count });
  taps.add(tap);
  stream.done
    .catch(() => {})
    .finally(() => {
      taps.delete(tap);
      tap.stop();
    })
    .catch(() => {});
}

interface TapSettings extends TapOptions {
  readonly take: (record: hub.FrameRecord) => boolean;
  readonly past: boolean;
  /** Records to send before it ends; 0 is endless. */
  readonly countMax: number;
}

class Tap {
  /** Records it could not keep up with. */
  missed = 0;
  readonly #stream: BusStream<unknown>;
  readonly #settings: TapSettings;
  /** Records before this one were there when it was opened: they are caught up with at once, later ones in steps. */
  readonly #pastEnd: number;
  #next: number;
  #sent = 0;
  #queuedBytes = 0;
  #cancelTimer: () => void = () => {};
  #stopped = false;

  constructor(stream: BusStream<unknown>, settings: TapSettings) {
    this.#stream = stream;
    this.#settings = settings;
    this.#pastEnd = settings.recorder.count;
    this.#next = settings.past ? settings.recorder.oldest : settings.recorder.count;
    // The reader never sends; nothing of it is granted, and its end is not waited for.
    this.#arm(0);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelTimer();
    this.#stream.end();
  }

  #arm(ms: number): void {
    this.#cancelTimer = this.#settings.clock.setTimer(ms, () => this.#look());
  }

  #look(): void {
    const { recorder } = this.#settings;
    if (this.#next < recorder.oldest) {
      this.missed += recorder.oldest - this.#next;
      this.#next = recorder.oldest;
    }
    const { records, isBehind } = this.#collect();
    if (records.length > 0) this.#send(records);
    if (this.#settings.countMax > 0 && this.#sent >= this.#settings.countMax) this.stop();
    else if (!this.#stopped)
      this.#arm(isBehind && this.#next < this.#pastEnd ? PAST_STEP_MS : TAP_STEP_MS);
  }

  #collect(): { records: hub.FrameRecord[]; isBehind: boolean } {
    const { recorder, clock, take, countMax } = this.#settings;
    const wanted =
      countMax === 0 ? BATCH_RECORDS_MAX : Math.min(BATCH_RECORDS_MAX, countMax - this.#sent);
    const untilMs = clock.now() + TAP_BUDGET_MS;
    const records: hub.FrameRecord[] = [];
    const end = recorder.count;
    while (this.#next < end && records.length < wanted) {
      const record = recorder.read(this.#next);
      this.#next++;
      if (record !== undefined && take(record)) records.push(record);
      if (this.#next % RECORDS_PER_CHECK === 0 && clock.now() > untilMs) break;
    }
    return { records, isBehind: this.#next < end };
  }

  #send(records: hub.FrameRecord[]): void {
    if (this.#queuedBytes > TAP_QUEUE_BYTES_MAX) {
      this.missed += records.length;
      return;
    }
    this.#sent += records.length;
    const batch: hub.TapBatch = {
      missed: this.missed,
      total: this.#settings.recorder.count,
      records,
    };
    const bytes = encodeValue(batch, LENGTH_BYTES);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, bytes.length - LENGTH_BYTES, true);
    this.#queuedBytes += bytes.length;
    const written = (): void => {
      this.#queuedBytes -= bytes.length;
    };
    this.#stream.write(bytes).then(written, written);
  }
}

/** Frames of the last second, measured between two questions. */
class FrameRate {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  #sinceMs: number;
  #since = 0;
  #perSecond = 0;

  constructor(clock: Clock, recorder: Recorder) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#sinceMs = clock.now();
  }

  perSecond(): number {
    const elapsedMs = this.#clock.now() - this.#sinceMs;
    if (elapsedMs >= 500) {
      this.#perSecond = ((this.#recorder.count - this.#since) * 1_000) / elapsedMs;
      this.#since = this.#recorder.count;
      this.#sinceMs = this.#clock.now();
    }
    return this.#perSecond;
  }
}
