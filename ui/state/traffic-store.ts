/**
 * Everything the Traffic list is made of: bytes of a tap go in, the visible slice comes out. Runs in a worker;
 * has no clock and no bus of its own.
 */
import type { FrameRecord, TapBatch } from "../../bus/contracts/hub.ts";
import {
  compileFilter,
  type Filter,
  type FilterContext,
  type FilterMistake,
} from "../../bus/filter/index.ts";
import { type BatchReader, createBatchReader, isFrameRecord } from "./traffic-batch.ts";
import { appendRow, createFold, type Fold, type FoldOrigin } from "./traffic-fold.ts";
import {
  CONTROL_MAX,
  FRAMES_MAX,
  LOOK_ROWS_MAX,
  PAUSE_SLACK,
  ROWS_MAX,
  SEEN_MAX,
} from "./traffic-limits.ts";
import { createNames, type Names } from "./traffic-names.ts";
import { isOwnTraffic } from "./traffic-own.ts";
import { createRate, type Rate } from "./traffic-rate.ts";
import { readRow, sortValue } from "./traffic-read.ts";
import type { Sort, TrafficRow } from "./traffic-row.ts";
import { Cursor, createTable, type Table } from "./traffic-table.ts";
import { comparing, createView, indexOf, Tag, tagOf, type View } from "./traffic-view.ts";

/** What the list shows. */
export interface TrafficChoice {
  readonly filter: string;
  readonly calls: boolean;
  readonly events: boolean;
  readonly streams: boolean;
  readonly control: boolean;
  readonly everyFrame: boolean;
}

/** A piece of the list; `from: "end"` is the newest page. */
export interface LookRequest {
  readonly from: number | "end";
  readonly count: number;
}

/** What the page draws. */
export interface Look {
  /** Place of the first row in the list. */
  readonly from: number;
  readonly rows: readonly TrafficRow[];
  /** Rows in the list. */
  readonly matched: number;
  /** Rows taken off the front since the choice was made: places moved by so many. */
  readonly removed: number;
  /** Rows that came while held. */
  readonly newer: number;
  /** Rows kept, listed or not; control apart. */
  readonly kept: number;
  readonly control: number;
  readonly framesSeen: number;
  /** Not captured: dropped by the hub's queue for this tap. */
  readonly missed: number;
  readonly rowsPerSecond: number;
  readonly framesPerSecond: number;
}

/** Values for completion. */
export interface Seen {
  readonly processes: readonly string[];
  readonly subjects: readonly string[];
  readonly statuses: readonly string[];
}

const ALL: TrafficChoice = {
  filter: "",
  calls: true,
  events: true,
  streams: true,
  control: false,
  everyFrame: false,
};

/** Sizes other than the usual ones, for tests. */
export interface StoreSizes {
  readonly rows: number;
  readonly frames: number;
  readonly control: number;
}

/** One store for one open panel. `now` is wall clock, milliseconds. */
export class TrafficStore {
  readonly #names: Names = createNames();
  readonly #tables: Readonly<Record<Tag, Table>>;
  readonly #fold: Fold;
  readonly #view: View;
  readonly #cursor: Cursor;
  readonly #now: () => number;
  readonly #rowRate: Rate;
  readonly #frameRate: Rate;
  readonly #crashes = new Map<string, { readonly from: number; readonly to: number }>();
  readonly #seen = {
    processes: new Set<string>(),
    subjects: new Set<string>(),
    statuses: new Set<string>(),
  };
  #reader: BatchReader = createBatchReader();
  #origin: FoldOrigin = { epochMs: 0, hubEpoch: 0 };
  #own = "";
  #openedMs = 0;
  #lastRecord = -1;
  #missedBefore = 0;
  #missedNow = 0;
  #framesSeen = 0;
  #choice: TrafficChoice = ALL;
  #filter: Filter | undefined;
  #pausedAt: number | null = null;
  readonly #context: FilterContext = this.#createContext();
  /** The row that the filter looks at now. */
  #matching = 0;

  constructor(
    now: () => number,
    sizes: StoreSizes = { rows: ROWS_MAX, frames: FRAMES_MAX, control: CONTROL_MAX },
  ) {
    this.#now = now;
    this.#rowRate = createRate(now);
    this.#frameRate = createRate(now);
    this.#tables = {
      [Tag.rows]: createTable(sizes.rows),
      [Tag.control]: createTable(sizes.control),
      [Tag.frames]: createTable(sizes.frames),
      [Tag.crash]: createTable(1_024),
    };
    this.#cursor = new Cursor(this.#tables[Tag.rows], this.#names);
    this.#view = createView(this.#tables, this.#source());
    this.#fold = createFold({
      rows: this.#tables[Tag.rows],
      control: this.#tables[Tag.control],
      frames: this.#tables[Tag.frames],
      names: this.#names,
      onChanged: (index) => this.#view.changed(index),
    });
    this.#view.restart(this.#source());
  }

  /**
   * A tap was opened, by the peer `own`, whose traffic for this panel is left out. Frames from before `openedMs`
   * (wall clock, default: none) are history and count for no rate.
   */
  begin(origin: FoldOrigin, own: string, openedMs = 0): void {
    if (origin.hubEpoch !== this.#origin.hubEpoch) {
      this.#fold.closeAll();
      this.#lastRecord = -1;
    }
    this.#reader = createBatchReader();
    this.#origin = origin;
    this.#own = own;
    this.#openedMs = openedMs;
    this.#missedBefore += this.#missedNow;
    this.#missedNow = 0;
  }

  /** Takes bytes of the tap. @throws Error when they are no batches; the tap is to be closed then. */
  feed(chunk: Uint8Array): void {
    for (const batch of this.#reader.push(chunk)) this.take(batch);
  }

  /** Takes one batch. */
  take(batch: TapBatch): void {
    this.#missedNow = batch.missed;
    const before = this.#tables[Tag.rows].count;
    for (const frame of batch.records) this.#takeFrame(frame);
    const since = this.#openedMs - this.#origin.epochMs;
    const fresh = batch.records.filter(({ atMs }) => atMs >= since).length;
    // What the recorder still had when the panel opened is no rate of now.
    if (fresh > 0) this.#rowRate.add(this.#tables[Tag.rows].count - before);
    this.#frameRate.add(fresh);
  }

  /** Whether more would overwrite what a paused list shows: the tap is to be left unread until it is not. */
  get isFull(): boolean {
    if (this.#pausedAt === null) return false;
    const rows = this.#tables[Tag.rows];
    const free = rows.capacity - Math.min(this.#pausedAt, rows.capacity);
    return rows.count - this.#pausedAt > free + rows.capacity * PAUSE_SLACK;
  }

  /** Changes what is listed. A mistake in the filter changes nothing and comes back. */
  choose(choice: TrafficChoice): FilterMistake | null {
    const filter = compileFilter(choice.filter, "panel");
    if (!filter.ok) return filter;
    if (filter.uses.has("payload")) {
      const at = Math.max(0, choice.filter.indexOf("payload"));
      return {
        ok: false,
        at,
        message: "payloads are decoded when a row is opened: filter by the other fields",
      };
    }
    this.#choice = choice;
    this.#filter = choice.filter.trim() === "" ? undefined : filter;
    this.#view.restart(this.#source());
    return null;
  }

  /** Held: what comes is counted. Paused holds too, and keeps what is listed from being overwritten. */
  hold(state: "following" | "held" | "paused"): void {
    this.#pausedAt = state === "paused" ? this.#tables[Tag.rows].count : null;
    this.#view.refresh();
    this.#view.hold(state === "following" ? "following" : "held");
  }

  /** Sorts by a column and holds; null goes back to time. */
  sort(sort: Sort | null): void {
    const value = sort === null ? null : (entry: number) => this.#sortValue(entry, sort);
    this.#view.sort(sort === null || value === null ? null : comparing(value, sort));
  }

  /** The frames of a crash report, listed by the filter `crash = ID`. Ids that are there already are kept. */
  addCrash(id: string, frames: readonly unknown[]): number {
    const known = this.#crashes.get(id);
    if (known !== undefined) return known.to - known.from;
    const table = this.#tables[Tag.crash];
    const from = table.count;
    for (const frame of frames.slice(-64)) {
      if (isFrameRecord(frame))
        appendRow({ names: this.#names }, table, "frame", { frame, origin: this.#origin });
    }
    this.#crashes.set(id, { from, to: table.count });
    return table.count - from;
  }

  /** The rows of a piece of the list, and the figures around it. */
  look({ from, count }: LookRequest): Look {
    this.#view.refresh();
    const { entries } = this.#view;
    const wanted = Math.min(Math.max(0, count), LOOK_ROWS_MAX);
    const last = Math.max(0, entries.length - wanted);
    const start =
      from === "end" ? last : Math.min(Math.max(0, from), Math.max(0, entries.length - 1));
    return {
      from: start,
      rows: entries
        .slice(start, start + wanted)
        .map((entry, at) => this.#read(entry, entries[start + at - 1])),
      matched: entries.length,
      removed: this.#view.removed,
      newer: this.#view.newer,
      kept: this.#kept(),
      control: this.#tables[Tag.control].count,
      framesSeen: this.#framesSeen,
      missed: this.#missedBefore + this.#missedNow,
      rowsPerSecond: this.#rowRate.perSecond(),
      framesPerSecond: this.#frameRate.perSecond(),
    };
  }

  /** One row wherever it is now, undefined when it was overwritten. */
  row(entry: number): TrafficRow | undefined {
    const table = this.#tables[tagOf(entry)];
    return indexOf(entry) < table.first || indexOf(entry) >= table.count
      ? undefined
      : this.#read(entry, undefined);
  }

  /** Place of a row in the list, -1 when it is not in it. */
  placeOf(entry: number): number {
    this.#view.refresh();
    return this.#view.entries.indexOf(entry);
  }

  seen(): Seen {
    const { processes, subjects, statuses } = this.#seen;
    return {
      processes: [...processes].sort(),
      subjects: [...subjects].sort(),
      statuses: [...statuses].sort(),
    };
  }

  #takeFrame(frame: FrameRecord): void {
    // After a reconnect the recorder tells again what is known.
    if (frame.record <= this.#lastRecord) return;
    this.#lastRecord = frame.record;
    if (isOwnTraffic(frame, this.#own)) return;
    this.#framesSeen++;
    remember(this.#seen.processes, frame.source);
    remember(this.#seen.processes, frame.destination);
    remember(this.#seen.subjects, frame.subject);
    remember(this.#seen.statuses, frame.status);
    this.#fold.take(frame, this.#origin);
  }

  #kept(): number {
    const tag = this.#choice.everyFrame ? Tag.frames : Tag.rows;
    const table = this.#tables[tag];
    return table.count - table.first;
  }

  #source() {
    const { everyFrame, control } = this.#choice;
    const usesCrash = this.#filter?.uses.has("crash") === true;
    const tags: Tag[] = everyFrame ? [Tag.frames] : control ? [Tag.rows, Tag.control] : [Tag.rows];
    if (usesCrash) tags.push(Tag.crash);
    return {
      tags,
      matches: (entry: number) => this.#matches(entry),
      rechecks: this.#filter !== undefined && !everyFrame,
    };
  }

  #matches(entry: number): boolean {
    const table = this.#tables[tagOf(entry)];
    const index = indexOf(entry);
    const type = table.columns.type[table.slotOf(index)];
    const { calls, events, streams } = this.#choice;
    if ((type === 0 && !calls) || (type === 1 && !events) || (type === 2 && !streams)) return false;
    if (this.#filter === undefined) return true;
    this.#matching = entry;
    return this.#filter.matches(this.#cursor.at(table, index), this.#context);
  }

  /** Made once: it is asked for every row. */
  #createContext(): FilterContext {
    // The clock is set after the fields are: it is read when it is asked.
    const now = () => this.#now();
    return {
      // Rows carry wall clock, so nothing is to be added.
      get nowMs() {
        return now();
      },
      epochMs: 0,
      inCrash: (_item, id) => {
        const range = this.#crashes.get(id);
        const index = indexOf(this.#matching);
        const isCrash = tagOf(this.#matching) === Tag.crash;
        return isCrash && range !== undefined && index >= range.from && index < range.to;
      },
    };
  }

  #read(entry: number, above: number | undefined): TrafficRow {
    const table = this.#tables[tagOf(entry)];
    const row = readRow(table, indexOf(entry), this.#names);
    if (above === undefined) return { ...row, entry, deltaMs: null };
    const aboveTable = this.#tables[tagOf(above)];
    const aboveMs = aboveTable.columns.atMs[aboveTable.slotOf(indexOf(above))] ?? row.atMs;
    return { ...row, entry, deltaMs: row.atMs - aboveMs };
  }

  #sortValue(entry: number, sort: Sort): number | string {
    return sortValue(this.#cursor.at(this.#tables[tagOf(entry)], indexOf(entry)), sort.column);
  }
}

function remember(names: Set<string>, name: string): void {
  if (name !== "" && names.size < SEEN_MAX) names.add(name);
}
