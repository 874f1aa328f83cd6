/** One line of the Traffic list as the page gets it. */

/** What a row stands for. */
export type RowType = "call" | "event" | "stream" | "control" | "frame";

/** Why the payload of a row cannot be had. */
export type Mask = "none" | "content" | "secret";

export interface TrafficRow {
  /** Names the row as long as it is kept, also when it changes its place. */
  readonly entry: number;
  readonly type: RowType;
  /** Recorder number of the first frame: request, event, open. */
  readonly record: number;
  /** Recorder number of the frame that answered or ended it, 0 until then. */
  readonly answerRecord: number;
  /** Incarnation of the hub that gave these numbers. */
  readonly hubEpoch: number;
  /** Wall clock, milliseconds. */
  readonly atMs: number;
  /** Since the row above, milliseconds; null for the first. */
  readonly deltaMs: number | null;
  readonly source: string;
  readonly destination: string;
  readonly kind: string;
  readonly subject: string;
  readonly correlation: number;
  readonly epoch: number;
  readonly lane: "data" | "control";
  readonly sentBytes: number;
  readonly backBytes: number;
  /** Null where it is not known yet, or never: milliseconds. */
  readonly waitMs: number | null;
  readonly workMs: number | null;
  readonly totalMs: number | null;
  readonly status: string;
  readonly trace: string;
  readonly mask: Mask;
}

/** Columns by which the list can be sorted. */
export type SortColumn =
  | "time"
  | "from"
  | "to"
  | "method"
  | "size"
  | "wait"
  | "work"
  | "total"
  | "result";
export interface Sort {
  readonly column: SortColumn;
  readonly direction: "up" | "down";
}
