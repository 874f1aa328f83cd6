/**
 * Folds frames into rows: a call is one row from request to answer, a stream one row from open to end.
 *
 *     request --> row, status open      open --> row, status open
 *     ack     --> wait is known         data --> bytes of either way
 *     reply   --> work, total, ok       end, end --> total, ok
 *     error   --> work, total, code     reset    --> total, code
 *
 * Frames that belong to a row nobody saw the start of make a row of their own.
 */
import type { FrameRecord } from "../../bus/contracts/hub.ts";
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
  "goAway",
]);

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

  constructor(target: FoldTarget) {
    this.#target = target;
  }

  take(frame: FrameRecord, origin: FoldOrigin): void {
    appendRow(this.#target, this.#target.frames, "frame", { frame, origin });
    if (CONTROL_KINDS.has(frame.kind)) {
      appendRow(this.#target, this.#target.control, "control", { frame, origin });
      return;
    }
    switch (frame.kind) {
      case "request":
        return this.#start("call", frame, origin);
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
      case "dead":
        return this.#died(frame, origin);
      default:
        appendRow(this.#target, this.#target.rows, "event", { frame, origin });
    }
  }

  closeAll(): void {
    for (const row of this.#open.values()) this.#setStatus(row.index, "bus/closed");
    this.#open.clear();
  }

  #start(type: RowType, frame: FrameRecord, origin: FoldOrigin): void {
    const index = appendRow(this.#target, this.#target.rows, type, { frame, origin });
    if (frame.status === "ok") this.#setStatus(index, "open");
    this.#remember(this.#key(frame.source, frame.correlation), {
      index,
      startMs: frame.atMs,
      ackMs: Number.NaN,
      endedSides: 0,
    });
  }

  #remember(key: number, row: OpenRow): void {
    if (this.#open.size >= OPEN_MAX) {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined) this.#open.delete(oldest);
    }
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
      // The answer after a cancel has had its row; anything else never had one.
      if (frame.kind !== "cancel")
        appendRow(this.#target, this.#target.rows, "call", { frame, origin });
      return;
    }
    this.#open.delete(key);
    const { rows } = this.#target;
    const slot = rows.slotOf(row.index);
    rows.columns.total[slot] = frame.atMs - row.startMs;
    rows.columns.work[slot] = frame.atMs - row.ackMs;
    if (frame.kind !== "cancel") {
      rows.columns.back[slot] = frame.bytes;
      rows.columns.answer[slot] = frame.record;
    }
    if (rows.columns.epoch[slot] === 0) rows.columns.epoch[slot] = frame.epoch;
    this.#setStatus(row.index, frame.kind === "cancel" ? "bus/cancelled" : frame.status);
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

  #died(frame: FrameRecord, origin: FoldOrigin): void {
    const row = this.#find(frame.destination, frame.correlation);
    if (row === undefined) {
      appendRow(this.#target, this.#target.rows, "event", { frame, origin });
      return;
    }
    this.#setStatus(row.index, frame.status);
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
  columns.kind[slot] = names.idOf(
    type === "frame" || type === "control" || frame.kind === "dead" ? frame.kind : type,
  );
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

/** The first frame seen came from the accepting side: the opener is shown as From all the same. */
function swapSides({ columns }: Table, slot: number): void {
  const source = columns.source[slot] ?? 0;
  columns.source[slot] = columns.destination[slot] ?? 0;
  columns.destination[slot] = source;
  columns.back[slot] = columns.sent[slot] ?? 0;
  columns.sent[slot] = 0;
}

function resetStatus(frame: FrameRecord): string {
  return frame.status === "ok" ? "reset" : frame.status;
}
