/**
 * The tap of an open panel: its bytes go to the worker, and the visible slice comes back ten times a second.
 * Credit is granted when the worker has folded what came, so a slow page makes the hub drop and count, not queue.
 */
import { type Remote, releaseProxy, transfer, wrap } from "comlink";
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { tap } from "../../../bus/contracts/hub.ts";
import type { FilterMistake } from "../../../bus/filter/index.ts";
import type { BusStream } from "../../../bus/peer.ts";
import type { Connection } from "../../bus.ts";
import type { Sort, TrafficRow } from "../../state/traffic-row.ts";
import type { Look, LookRequest, Seen, TrafficChoice } from "../../state/traffic-store.ts";
import type { TrafficDesk } from "../../workers/traffic-desk.ts";

const LOOK_MS = 100;
const RETRY_MS = 1_000;
const TAP_WINDOW_BYTES = 512 * 1024;

/** Following shows the newest; held counts what comes; paused also keeps what is shown from being overwritten. */
export type Following = "following" | "held" | "paused";

export interface LiveTraffic {
  readonly look: Accessor<Look>;
  readonly choice: Accessor<TrafficChoice>;
  readonly setChoice: (change: Partial<Omit<TrafficChoice, "filter">>) => void;
  /** As typed, which may have a mistake; the list then keeps the last good one. */
  readonly filterText: Accessor<string>;
  readonly setFilterText: (text: string) => Promise<void>;
  readonly mistake: Accessor<FilterMistake | null>;
  readonly following: Accessor<Following>;
  readonly setFollowing: (state: Following) => void;
  readonly sort: Accessor<Sort | null>;
  readonly setSort: (sort: Sort | null) => void;
  /** Which piece of the list is to be looked at from now on. */
  readonly setRequest: (request: LookRequest) => void;
  /** Why there is no tap now, empty when there is one. */
  readonly problem: Accessor<string>;
  readonly hubEpoch: Accessor<number>;
  placeOf(entry: number): Promise<number>;
  rowAt(place: number): Promise<TrafficRow | undefined>;
  lastRow(): Promise<TrafficRow | undefined>;
  addCrash(id: string, frames: readonly unknown[]): Promise<number>;
  seen(): Promise<Seen>;
  /** Ends tap and worker. */
  close(): void;
}

const NOTHING: Look = {
  from: 0,
  rows: [],
  matched: 0,
  removed: 0,
  newer: 0,
  kept: 0,
  control: 0,
  framesSeen: 0,
  missed: 0,
  rowsPerSecond: 0,
  framesPerSecond: 0,
};
const ALL: TrafficChoice = {
  filter: "",
  calls: true,
  events: true,
  streams: true,
  control: false,
  everyFrame: false,
};

/** Lives in the calling reactive scope. */
export function createLiveTraffic(connection: Connection): LiveTraffic {
  const worker = new Worker(new URL("../../workers/traffic-worker.ts", import.meta.url), {
    type: "module",
    name: "traffic",
  });
  const desk = wrap<TrafficDesk>(worker);
  const [look, setLook] = createSignal<Look>(NOTHING);
  const [choice, setChoiceSignal] = createSignal(ALL);
  const [filterText, setFilterTextSignal] = createSignal("");
  const [mistake, setMistake] = createSignal<FilterMistake | null>(null);
  const [following, setFollowingSignal] = createSignal<Following>("following");
  const [sort, setSortSignal] = createSignal<Sort | null>(null);
  const looker = createLooker(desk, setLook);
  const [problem, hubEpoch] = keepTapOpen(connection, desk);

  const choose = async (wanted: TrafficChoice) => {
    const wrong = await desk.choose(wanted);
    setMistake(wrong);
    if (wrong === null) setChoiceSignal(wanted);
    if (wrong === null && sort() !== null) await desk.sort(sort());
    looker.now();
  };
  return {
    look,
    choice,
    setChoice: (change) => void choose({ ...choice(), ...change }),
    filterText,
    setFilterText: (text) => {
      setFilterTextSignal(text);
      return choose({ ...choice(), filter: text });
    },
    mistake,
    following,
    setFollowing: (state) => {
      setFollowingSignal(state);
      void desk.hold(state).then(looker.now);
    },
    sort,
    setSort: (wanted) => {
      setSortSignal(wanted);
      void desk.sort(wanted).then(looker.now);
    },
    setRequest: looker.setRequest,
    problem,
    hubEpoch,
    placeOf: (entry) => desk.placeOf(entry),
    rowAt: async (place) => (await desk.look({ from: place, count: 1 })).rows[0],
    lastRow: async () => (await desk.look({ from: "end", count: 1 })).rows[0],
    addCrash: (id, frames) => desk.addCrash(id, frames),
    seen: () => desk.seen(),
    close: () => {
      looker.stop();
      desk[releaseProxy]();
      worker.terminate();
    },
  };
}

interface Looker {
  now(): void;
  setRequest(request: LookRequest): void;
  stop(): void;
}

/** Asks for the visible piece: at once when something changed, else ten times a second; one question at a time. */
function createLooker(desk: Remote<TrafficDesk>, setLook: (look: Look) => void): Looker {
  let request: LookRequest = { from: "end", count: 1 };
  let state: "idle" | "asking" | "asking-again" | "stopped" = "idle";
  const ask = async () => {
    if (state === "stopped") return;
    if (state !== "idle") {
      state = "asking-again";
      return;
    }
    state = "asking";
    const look = await desk.look(request);
    if (isStopped()) return;
    const again = isAskedAgain();
    state = "idle";
    setLook(look);
    if (again) void ask();
  };
  // Read through functions: the state changes while the answer is awaited.
  const isStopped = () => state === "stopped";
  const isAskedAgain = () => state === "asking-again";
  const timer = setInterval(() => {
    if (state === "idle" && document.visibilityState === "visible") void ask();
  }, LOOK_MS);
  return {
    now: () => void ask(),
    setRequest: (next) => {
      request = next;
      void ask();
    },
    stop: () => {
      state = "stopped";
      clearInterval(timer);
    },
  };
}

/** Opens a tap whenever there is a link, with what the recorder still has first. */
function keepTapOpen(
  connection: Connection,
  desk: Remote<TrafficDesk>,
): readonly [problem: Accessor<string>, hubEpoch: Accessor<number>] {
  const [problem, setProblem] = createSignal("");
  const [hubEpoch, setHubEpoch] = createSignal(0);
  let current: BusStream<{ epochMs: number; hubEpoch: number }> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  let isOpen = false;
  const open = async () => {
    if (isOver || isOpen || connection.state() !== "live") return;
    isOpen = true;
    try {
      const stream = await connection.open(
        tap,
        { filter: "", past: true, count: 0 },
        { windowBytes: TAP_WINDOW_BYTES },
      );
      if (isOver) return stream.reset({ code: "bus/cancelled", message: "the panel was closed" });
      current = stream;
      await desk.begin(stream.accepted, connection.ready()?.name ?? "");
      setHubEpoch(stream.accepted.hubEpoch);
      setProblem("");
      readInto(stream, desk);
      await stream.done;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    isOpen = false;
    current = undefined;
    clearTimeout(retry);
    if (!isOver) retry = setTimeout(() => void open(), RETRY_MS);
  };
  createEffect(
    on(connection.state, (state) => {
      if (state === "live") void open();
    }),
  );
  onCleanup(() => {
    isOver = true;
    clearTimeout(retry);
    current?.reset({ code: "bus/cancelled", message: "the panel was closed" });
  });
  return [problem, hubEpoch];
}

function readInto(stream: BusStream<unknown>, desk: Remote<TrafficDesk>): void {
  stream.onChunk((chunk) => {
    const bytes = chunk.length;
    // Its own buffer, so that it can be handed to the worker without a copy there.
    const copy = chunk.slice();
    desk.feed(transfer(copy, [copy.buffer])).then(
      () => stream.consumed(bytes),
      (error: unknown) => stream.reset({ code: "bus/protocol", message: String(error) }),
    );
  });
}
