/** What a person is told: the words of every message, and the last 200 of them. */
import type { EndClass, Notice } from "../../contracts/hub.ts";
import type { Tale } from "../../supervision/ports.ts";

/** Notices kept for the list. */
const NOTICES_MAX = 200;

/** What the terminal actor said when it was back. */
export interface Recovered {
  readonly epoch: number;
  readonly shellsKept: number;
  readonly bytesLost: number;
}

/** A notice before it is on the board. */
export type NoticeDraft = Omit<Notice, "id" | "atMs">;
type Draft = NoticeDraft;

/** The list of notices; publishing is the caller's. */
export interface NoticeBoard {
  add(draft: Draft): Notice;
  list(): Notice[];
}

/** An empty board. `wallMs` is the wall clock. */
export function createNoticeBoard(
  wallMs: () => number,
  publish: (notice: Notice) => void,
): NoticeBoard {
  const kept: Notice[] = [];
  let id = 0;
  return {
    add(draft) {
      id += 1;
      const notice: Notice = {
        id,
        atMs: wallMs(),
        ...draft,
        title: draft.title.slice(0, 400),
        text: draft.text.slice(0, 2000),
      };
      kept.push(notice);
      if (kept.length > NOTICES_MAX) kept.shift();
      publish(notice);
      return notice;
    },
    list: () => [...kept],
  };
}

/** Facts beside a tale that the supervisor does not have. */
export interface TaleContext {
  /** Ends of this process in the last minute, and over how long. */
  readonly repeats: number;
  readonly repeatsSpanMs: number;
  readonly recovered: Recovered | undefined;
  /** Stack of the crash report, empty if none. */
  readonly stack: string;
  readonly unansweredMs: number;
}

/** The notice for a tale, in the words of the interface. */
export function noticeOf(tale: Tale, context: TaleContext): Draft {
  const base = { process: tale.name, crash: tale.crash, repeats: context.repeats };
  if (tale.type === "parked") {
    const permanent = tale.class === "permanent";
    return {
      ...base,
      kind: permanent ? "start-failed" : "parked",
      level: "error",
      title: permanent ? `${tale.name} cannot start` : `${tale.name} stopped: ${tale.why}`,
      text: sentence(tale.reason),
      durationMs: null,
    };
  }
  const { durationMs } = tale;
  const kept = keptWords(tale.callsFailed, context.recovered);
  const told = { ...base, durationMs: Math.round(durationMs) };
  const special = specialWords(tale.class, tale.name, tale.reason, context);
  if (special !== undefined) {
    return { ...told, ...special, text: sentence(`${special.text}, ${kept}`) };
  }
  if (context.repeats > 1) {
    const title = `${tale.name} restarted ${context.repeats} times in ${spanWords(context.repeatsSpanMs)}`;
    return {
      ...told,
      kind: "restarted",
      level: "ok",
      title,
      text: sentence(`last: ${tale.reason}, ${kept}`),
    };
  }
  const title = `${tale.name} restarted in ${spanWords(durationMs)}`;
  return { ...told, kind: "restarted", level: "ok", title, text: sentence(kept) };
}

function specialWords(
  endClass: EndClass,
  name: string,
  reason: string,
  context: TaleContext,
): Pick<Draft, "kind" | "level" | "title" | "text"> | undefined {
  if (endClass === "watchdog") {
    const title = `${name} did not answer for ${spanWords(context.unansweredMs)} and was restarted`;
    const text = context.stack.startsWith("no stack")
      ? context.stack
      : "the stuck code was recorded";
    return { kind: "hang", level: "warn", title, text };
  }
  if (endClass === "out-of-memory") {
    const passed = reason.startsWith("passed") ? reason : "ran out of memory";
    return {
      kind: "memory",
      level: "warn",
      title: `${name} ${passed} and was restarted`,
      text: reason,
    };
  }
  return undefined;
}

function keptWords(callsFailed: number, recovered: Recovered | undefined): string {
  const calls = `${callsFailed} ${callsFailed === 1 ? "call" : "calls"} failed`;
  if (recovered === undefined) return calls;
  return `${shellWords(recovered)}, ${calls}`;
}

/** The keeper stays silent, or (empty) answers again. */
export function keeperSilence(why: string): Draft {
  const base = { process: "keeper", crash: null, repeats: 0, durationMs: null };
  if (why === "") {
    const title = "keeper answers again";
    return { ...base, kind: "info", level: "ok", title, text: "Its shells go on." };
  }
  const text = `${sentence(why)} Shells stand still until it answers; new ones cannot be started.`;
  return { ...base, kind: "hang", level: "warn", title: "keeper does not answer", text };
}

/** The disk refuses what the hub wants to keep, or (empty) takes it again. */
export function diskTrouble(why: string, folder: string): Draft {
  const base = { kind: "info", process: "hub", crash: null, repeats: 0, durationMs: null } as const;
  if (why === "") {
    const text = "Everything that was kept in memory is saved.";
    return { ...base, level: "ok", title: "Saving works again", text };
  }
  const kept =
    "Crash reports, layout and restart counts are kept in memory and saved once it works";
  return { ...base, level: "warn", title: `Not saved: ${why}`, text: `${kept}. Folder: ${folder}` };
}

/** A keeper of another version of Bulkhead was found with shells. */
export function otherKeeper(
  name: string,
  found: { readonly version: string; readonly shells: number; readonly canAttach: boolean },
): Draft {
  const { version, shells, canAttach } = found;
  const count = `${shells} ${shells === 1 ? "shell" : "shells"} of Bulkhead ${version}`;
  const base = { process: name, crash: null, repeats: 0, durationMs: null, kind: "info" } as const;
  if (canAttach) {
    const title = `${count} ${shells === 1 ? "goes" : "go"} on`;
    const text = "They are used like all others; new shells are held by this version.";
    return { ...base, level: "info", title, text };
  }
  return {
    ...base,
    level: "warn",
    title: `${count} ${shells === 1 ? "runs" : "run"}`,
    text: "This version cannot attach to them. They are listed under Processes, where they can be ended.",
  };
}

/** A keeper of another version of Bulkhead is gone, and with it its shells. */
export function otherKeeperGone(name: string, shells: number): Draft {
  const count = `${shells} ${shells === 1 ? "shell" : "shells"}`;
  return {
    process: name,
    crash: null,
    repeats: 0,
    durationMs: null,
    kind: "info",
    level: "error",
    title: `${name} ended and ${count} with it`,
    text: "It was the keeper of another version of Bulkhead.",
  };
}

/** Other files are installed than those that run. */
export function updated(version: string): Draft {
  return {
    process: "root",
    crash: null,
    repeats: 0,
    durationMs: null,
    kind: "updated",
    level: "info",
    title: `Bulkhead ${version} is installed.`,
    text: "Reload to use it; your shells stay",
  };
}

/** "3 shells kept, 0 bytes lost". */
export function shellWords({ shellsKept, bytesLost }: Recovered): string {
  const shells = `${shellsKept} ${shellsKept === 1 ? "shell" : "shells"} kept`;
  return `${shells}, ${bytesLost} ${bytesLost === 1 ? "byte" : "bytes"} lost`;
}

/** "140 ms", "2.4 s", "20 s". */
export function spanWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 1000)} s`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
