/** What git says of the workspace, asked again when something may have changed: a hint of the file guard, a command's end. */
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import type { Path } from "../../bus/contracts/file-guard.ts";
import { GitCode, type Status, status as statusMethod } from "../../bus/contracts/git.ts";
import { BusCode, isBusError } from "../../bus/errors.ts";
import type { Connection } from "../bus.ts";
import { createFolderWatches, WATCHED_MAX } from "./folder-watches.ts";
import type { SessionStore } from "./session-store.ts";
import { messageOf } from "./settings-store.ts";

/** Why nothing is known. */
export type ChangesFailure =
  | { readonly type: "no-repository" }
  | { readonly type: "no-git" }
  | { readonly type: "failed"; readonly words: string };

export interface ChangesStore {
  /** The last answer; stays while the next is awaited. */
  readonly status: Accessor<Status | undefined>;
  readonly failure: Accessor<ChangesFailure | undefined>;
  /** Answers so far, also those that say the same again: a changed file may have changed once more. */
  readonly answers: Accessor<number>;
  /** Since when an answer is awaited, wall time; undefined while none is. */
  readonly askedAtMs: Accessor<number | undefined>;
  /** Asks now. */
  refresh(): void;
  /** Asks soon: something may have changed. */
  hint(): void;
  /** The view is there: answers are wanted more often. Returns the end of it. */
  watch(): () => void;
}

export interface ChangesSources {
  readonly connection: Connection;
  readonly sessions: Pick<SessionStore, "all">;
  readonly isFront: Accessor<boolean>;
  /** Anything that changes when the explorer reads a folder again. */
  readonly tree: Accessor<unknown>;
}

/** The first question comes after what the first frame needs, milliseconds. */
const FIRST_MS = 4_000;
/** Git may use this part of the time at most: the pause is so many times what the last answer took. */
const PAUSE_TIMES = { seen: 4, unseen: 12 } as const;
const PAUSE_MS_MIN = { seen: 800, unseen: 5_000 } as const;
/** Folders without a known change are not watched: while the view is there they are looked at so often, milliseconds. */
const POLL_MS = 15_000;
/** Hints within this time are one question, milliseconds. */
const SETTLE_MS = 150;
/** What is watched always: the workspace itself, and git's own folder. */
const ALWAYS: ReadonlyArray<readonly [string, Path]> = [
  ["", ""],
  [".git", ".git"],
];

/** Lives in the calling reactive scope. */
export function createChangesStore(sources: ChangesSources): ChangesStore {
  const { connection, isFront } = sources;
  const [status, setStatus] = createSignal<Status | undefined>(undefined);
  const [failure, setFailure] = createSignal<ChangesFailure | undefined>(undefined);
  const [answers, setAnswers] = createSignal(0);
  const [viewers, setViewers] = createSignal(0);
  const asking = createAsking({
    ask: () => connection.request(statusMethod, {}),
    isSeen: () => viewers() > 0,
    isWanted: () => isFront() || viewers() > 0,
    answered(answer) {
      const isNews = failure() !== undefined || !isSame(status(), answer);
      setFailure(undefined);
      if (isNews) setStatus(answer);
      setAnswers((count) => count + 1);
      return isNews;
    },
    failed(error) {
      // While the hub is away nothing is known, and what was known stays.
      if (isBusError(error, BusCode.closed)) return;
      const why = failureOf(error);
      if (why.type !== "failed") setStatus(undefined);
      setFailure(why);
    },
  });
  const folders = createMemo(() => (viewers() > 0 ? foldersOf(status()) : new Map(ALWAYS)));
  followHints(sources, {
    folders,
    isSeen: () => viewers() > 0,
    hint: asking.hint,
    start: asking.now,
  });
  return {
    status,
    failure,
    answers,
    askedAtMs: asking.sinceMs,
    refresh: asking.now,
    hint: asking.hint,
    watch() {
      setViewers((count) => count + 1);
      asking.now();
      return () => setViewers((count) => count - 1);
    },
  };
}

interface AskingOptions<T> {
  ask(): Promise<T>;
  /** Whether somebody looks at the answer. */
  isSeen(): boolean;
  /** Whether a hint is worth a question. */
  isWanted(): boolean;
  /** Returns whether it is another one than before: then more may follow, in folders that nobody watches yet. */
  answered(answer: T): boolean;
  failed(error: unknown): void;
}

interface Asking {
  readonly sinceMs: Accessor<number | undefined>;
  now(): void;
  hint(): void;
}

/** One question at a time, with a pause after each that grows with what it took. */
function createAsking<T>(options: AskingOptions<T>): Asking {
  const [sinceMs, setSince] = createSignal<number | undefined>(undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;
  let restUntilMs = 0;
  async function ask(): Promise<void> {
    setSince(Date.now());
    const startedMs = performance.now();
    const mayGoOn = await options.ask().then(options.answered, options.failed);
    const kind = options.isSeen() ? "seen" : "unseen";
    const pauseMs = (performance.now() - startedMs) * PAUSE_TIMES[kind];
    restUntilMs = performance.now() + Math.max(PAUSE_MS_MIN[kind], pauseMs);
    setSince(undefined);
    if (isStale || mayGoOn === true) hint();
  }
  function now(): void {
    clearTimeout(timer);
    timer = undefined;
    isStale = sinceMs() !== undefined;
    if (!isStale) void ask();
  }
  function hint(): void {
    isStale = true;
    if (timer !== undefined || sinceMs() !== undefined || !options.isWanted()) return;
    timer = setTimeout(now, Math.max(SETTLE_MS, restUntilMs - performance.now()));
  }
  onCleanup(() => clearTimeout(timer));
  return { sinceMs, now, hint };
}

interface Followed {
  /** Whether somebody looks at the answers. */
  isSeen(): boolean;
  readonly folders: Accessor<Map<string, Path>>;
  hint(): void;
  /** The first question. */
  start(): void;
}

/** Everything after which git may say something else. Nothing is watched before the first question. */
function followHints(sources: ChangesSources, { folders, isSeen, hint, start }: Followed): void {
  const { connection, sessions, isFront, tree } = sources;
  const [isStarted, setStarted] = createSignal(false);
  const watches = createFolderWatches(connection, hint);
  const first = setTimeout(() => {
    setStarted(true);
    start();
  }, FIRST_MS);
  const ends = createMemo(() => commandEnds(sessions));
  createEffect(() => isStarted() && watches.keep(folders()));
  const poll = setInterval(() => isStarted() && isSeen() && isFront() && hint(), POLL_MS);
  createEffect(on([ends, tree], () => isStarted() && hint(), { defer: true }));
  createEffect(on(isFront, (front) => front && isStarted() && hint(), { defer: true }));
  const isLive = createMemo(() => connection.state() === "live");
  createEffect(on(isLive, (live) => live && isStarted() && hint(), { defer: true }));
  onCleanup(() => {
    clearTimeout(first);
    clearInterval(poll);
    watches.close();
  });
}

function isSame(one: Status | undefined, other: Status): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function failureOf(error: unknown): ChangesFailure {
  if (isBusError(error, GitCode.noRepository)) return { type: "no-repository" };
  if (isBusError(error, GitCode.noGit)) return { type: "no-git" };
  return { type: "failed", words: messageOf(error) };
}

/** Folders in which a change may change the answer. */
function foldersOf(status: Status | undefined): Map<string, Path> {
  const folders = new Map(ALWAYS);
  for (const { path } of status?.changes ?? []) {
    if (folders.size >= WATCHED_MAX) break;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    folders.set(folder, folder);
  }
  return folders;
}

/** Grows when a command ends in any terminal. */
function commandEnds(sessions: Pick<SessionStore, "all">): string {
  const marks = (sessions.all() ?? []).map(({ id, command, job }) => {
    const ended = command?.state === "ended" ? command.startedMs : 0;
    // Without shell integration the program in front tells it.
    return `${id} ${ended} ${job === null ? "" : job.pid}`;
  });
  return marks.join("\n");
}
