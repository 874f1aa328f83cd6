/**
 * Folds frames into rows: a call is one row from request to answer, a stream one row from open to end.
 *
 *     request --> row, status open      open --> row, status open
 *     ack     --> wait is known         data --> bytes of either way
 *     reply   --> work, total, ok       end, end --> total, ok
 *     error   --> work, total, code     reset    --> total, code
 *
 * Frames that belong to a row nobody saw the start of make a row of their own. The recorder notes a frame when it
 * leaves the hub, so a refused request comes after its error: that error waits in a row for its request.
 */
import type { FrameRecord } from "../../bus/contracts/hub.ts";
import { DEAD_REASONS } from "../../bus/filter/index.ts";
import { OPEN_MAX } from "./traffic-limits.ts";
import type { Names } from "./traffic-names.ts";
import type { RowType } from "./traffic-row.ts";
import { ROW_TYPES, type Table, writeTrace } from "./traffic-table.ts";

const CONTROL_KINDS: ReadonlySet<string> = new Set([
  "hello",
  "ready",
  "subscribe",
  "unsubscribe",
  "ping",
  "pong",
  "credit",
  "control",
  "go-away",
  // Tells the sender of a frame that is recorded itself, with the reason as its status.
  "dead",
]);

/** Kinds whose status other than ok means that this very frame did not arrive: a row of its own. */
const UNDELIVERED_KINDS: ReadonlySet<string> = new Set(["ack", "reply", "cancel", "data", "end"]);

/** Where rows go and what is told about them. */
export interface FoldTarget {
  readonly rows: Table;
  readonly control: Table;
  readonly frames: Table;
  readonly names: Names;
  /** A row that was there before has changed. */
  readonly onChanged: (index: number) => void;
}

/** Clock and incarnation of the tap that frames come from. */
export interface FoldOrigin {
  readonly epochMs: number;
  readonly hubEpoch: number;
}

export interface Fold {
  /** Takes the next frame, in the order of the recorder. */
  take(frame: FrameRecord, origin: FoldOrigin): void;
  /** The hub is gone: what was open ends with `bus/closed`. */
  closeAll(): void;
}

interface OpenRow {
  readonly index: number;
  /** When the first frame came to the hub. */
  readonly startMs: number;
  ackMs: number;
  endedSides: number;
}

export function createFold(target: FoldTarget): Fold {
  return new TrafficFold(target);
}

class TrafficFold implements Fold {
  readonly #target: FoldTarget;
  readonly #open = new Map<number, OpenRow>();
  /** Errors whose request has not been seen: key of the call, index of their row. */
  readonly #early = new Map<number, number>();

  constructor(target: FoldTarget) {
    this.#target = target;
  }

  take(frame: FrameRecord, origin: FoldOrigin): void {
    appendRow(this.#target, this.#target.frames, "frame", { frame, origin });
    if (CONTROL_KINDS.has(frame.kind)) {
      appendRow(this.#target, this.#target.control, "control", { frame, origin });
      return;
    }
    if (frame.status !== "ok" && UNDELIVERED_KINDS.has(frame.kind)) {
      appendRow(this.#target, this.#target.rows, "event", { frame, origin });
      return;
    }
    switch (frame.kind) {
      case "request":
        return this.#ask(frame, origin);
      case "open":
        return this.#start("stream", frame, origin);
      case "ack":
        return this.#received(frame);
      case "reply":
      case "error":
      case "cancel":
        return this.#answered(frame, origin);
      case "data":
      case "end":
      case "reset":
        return this.#streamed(frame, origin);
      default:
        appendRow(this.#target, this.#target.rows, "event", { frame, origin });
    }
  }

  closeAll(): void {
    for (const row of this.#open.values()) this.#setStatus(row.index, "bus/closed");
    this.#open.clear();
    this.#early.clear();
  }

  #ask(frame: FrameRecord, origin: FoldOrigin): void {
    const key = this.#key(frame.source, frame.correlation);
    const early = this.#early.get(key);
    if (frame.status === "ok" || early === undefined || early < this.#target.rows.first) {
      return this.#start("call", frame, origin);
    }
    this.#early.delete(key);
    const { rows, names } = this.#target;
    const { columns } = rows;
    const slot = rows.slotOf(early);
    columns.answer[slot] = columns.record[slot] ?? 0;
    columns.record[slot] = frame.record;
    columns.sent[slot] = frame.bytes;
    columns.subject[slot] = names.idOf(frame.subject);
    writeTrace(columns.trace, slot, frame.trace);
    this.#setStatus(early, frame.status);
  }

  #start(type: RowType, frame: FrameRecord, origin: FoldOrigin): void {
    const index = appendRow(this.#target, this.#target.rows, type, { frame, origin });
    if (frame.status === "ok") this.#setStatus(index, "open");
    this.#remember(this.#key(frame.source, frame.correlation), {
      index,
      startMs: frame.atMs - frame.waitMs,
      ackMs: Number.NaN,
      endedSides: 0,
    });
  }

  #remember(key: number, row: OpenRow): void {
    makeRoom(this.#open);
    this.#open.set(key, row);
  }

  #received(frame: FrameRecord): void {
    const row = this.#find(frame.destination, frame.correlation);
    if (row === undefined) return;
    row.ackMs = frame.atMs;
    const { rows } = this.#target;
    rows.columns.wait[rows.slotOf(row.index)] = frame.atMs - row.startMs;
    this.#target.onChanged(row.index);
  }

  #answered(frame: FrameRecord, origin: FoldOrigin): void {
    const asker = frame.kind === "cancel" ? frame.source : frame.destination;
    const key = this.#key(asker, frame.correlation);
    const row = this.#living(key);
    if (row === undefined) {
      if (frame.kind === "error") this.#answeredEarly(key, frame, origin);
      return;
    }
    this.#open.delete(key);
    const { rows, names } = this.#target;
    const slot = rows.slotOf(row.index);
    rows.columns.total[slot] = frame.atMs - row.startMs;
    rows.columns.work[slot] = frame.atMs - row.ackMs;
    if (frame.kind !== "cancel") {
      rows.columns.back[slot] = frame.bytes;
      rows.columns.answer[slot] = frame.record;
    }
    if (rows.columns.epoch[slot] === 0) rows.columns.epoch[slot] = frame.epoch;
    // A request that was not delivered keeps that reason; the error only repeats it.
    if (!DEAD_REASONS.includes(names.nameOf(rows.columns.status[slot] ?? 0))) {
      this.#setStatus(row.index, frame.kind === "cancel" ? "bus/cancelled" : frame.status);
    } else this.#target.onChanged(row.index);
  }

  #answeredEarly(key: number, frame: FrameRecord, origin: FoldOrigin): void {
    const index = appendRow(this.#target, this.#target.rows, "call", { frame, origin });
    swapSides(this.#target.rows, this.#target.rows.slotOf(index));
    makeRoom(this.#early);
    this.#early.set(key, index);
  }

  #streamed(frame: FrameRecord, origin: FoldOrigin): void {
    const key = this.#key(frame.opener ? frame.source : frame.destination, frame.correlation);
    const known = this.#living(key);
    const row = known ?? this.#joinStream(key, frame, origin);
    const { rows } = this.#target;
    const slot = rows.slotOf(row.index);
    const bytes = frame.opener ? rows.columns.sent : rows.columns.back;
    if (known !== undefined) bytes[slot] = (bytes[slot] ?? 0) + frame.bytes;
    if (frame.kind === "data") return this.#target.onChanged(row.index);
    row.endedSides += frame.kind === "reset" ? 2 : 1;
    rows.columns.answer[slot] = frame.record;
    if (row.endedSides < 2) return this.#target.onChanged(row.index);
    rows.columns.total[slot] = frame.atMs - row.startMs;
    this.#open.delete(key);
    this.#setStatus(row.index, frame.kind === "reset" ? resetStatus(frame) : "ok");
  }

  /** A stream that was open before the tap was: its row begins with its next frame. */
  #joinStream(key: number, frame: FrameRecord, origin: FoldOrigin): OpenRow {
    const index = appendRow(this.#target, this.#target.rows, "stream", { frame, origin });
    const { rows } = this.#target;
    const slot = rows.slotOf(index);
    if (!frame.opener) swapSides(rows, slot);
    const row = { index, startMs: Number.NaN, ackMs: Number.NaN, endedSides: 0 };
    this.#setStatus(index, "open");
    this.#remember(key, row);
    return row;
  }

  #setStatus(index: number, status: string): void {
    const { rows, names } = this.#target;
    rows.columns.status[rows.slotOf(index)] = names.idOf(status);
    this.#target.onChanged(index);
  }

  #find(owner: string, correlation: number): OpenRow | undefined {
    return this.#living(this.#key(owner, correlation));
  }

  /** The row behind a key, unless it was overwritten in the meantime. */
  #living(key: number): OpenRow | undefined {
    const row = this.#open.get(key);
    if (row === undefined || row.index >= this.#target.rows.first) return row;
    this.#open.delete(key);
    return undefined;
  }

  #key(owner: string, correlation: number): number {
    return this.#target.names.idOf(owner) * 2 ** 32 + correlation;
  }
}

/** Appends a frame as a row of its own and returns its index. */
export function appendRow(
  { names }: { readonly names: Names },
  table: Table,
  type: RowType,
  { frame, origin }: { readonly frame: FrameRecord; readonly origin: FoldOrigin },
): number {
  const index = table.append();
  const slot = table.slotOf(index);
  const { columns } = table;
  columns.type[slot] = ROW_TYPES.indexOf(type);
  columns.record[slot] = frame.record;
  columns.answer[slot] = 0;
  columns.atMs[slot] = frame.atMs + origin.epochMs;
  columns.sent[slot] = frame.bytes;
  columns.back[slot] = 0;
  columns.wait[slot] = frame.waitMs;
  columns.work[slot] = Number.NaN;
  columns.total[slot] = Number.NaN;
  columns.source[slot] = names.idOf(frame.source);
  columns.destination[slot] = names.idOf(frame.destination);
  columns.kind[slot] = names.idOf(rowKind(type, frame));
  columns.subject[slot] = names.idOf(frame.subject);
  columns.status[slot] = names.idOf(frame.status);
  columns.correlation[slot] = frame.correlation;
  columns.epoch[slot] = frame.epoch;
  columns.hubEpoch[slot] = origin.hubEpoch;
  columns.lane[slot] = frame.lane === "control" ? 1 : 0;
  columns.mask[slot] = frame.capture === "normal" ? 0 : frame.capture === "content" ? 1 : 2;
  writeTrace(columns.trace, slot, frame.trace);
  return index;
}

/** Frames of their own kind keep it, also an answer or a piece of a stream that did not arrive. */
function rowKind(type: RowType, frame: FrameRecord): string {
  const isOne =
    type === "frame" || type === "control" || (type === "event" && frame.kind !== "publish");
  return isOne ? frame.kind : type;
}

/** The first frame seen came from the answering side: who asked is shown as From all the same. */
function swapSides({ columns }: Table, slot: number): void {
  const source = columns.source[slot] ?? 0;
  columns.source[slot] = columns.destination[slot] ?? 0;
  columns.destination[slot] = source;
  columns.back[slot] = columns.sent[slot] ?? 0;
  columns.sent[slot] = 0;
}

function makeRoom(followed: Map<number, unknown>): void {
  if (followed.size < OPEN_MAX) return;
  const [oldest] = followed.keys();
  if (oldest !== undefined) followed.delete(oldest);
}

function resetStatus(frame: FrameRecord): string {
  return frame.status === "ok" ? "reset" : frame.status;
}
