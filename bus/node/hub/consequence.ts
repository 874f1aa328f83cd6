/** What an act would do now, in counts and one sentence. Read before it is done, so the figures are live. */
import { basename } from "node:path";
import type { ProcessAct, ProcessRow } from "../../contracts/hub.ts";
import { subjectRules } from "../../contracts/index.ts";
import type { KeeperLink } from "./keeper-link.ts";
import { runningShells } from "./keepers.ts";
import type { HubParts } from "./parts.ts";
import { shellName } from "./rows.ts";

/** The answer of `hub.processes.consequence`. */
export interface Consequence {
  readonly offered: boolean;
  readonly sentence: string;
  readonly loses: string[];
  readonly shells: number;
  readonly callsFail: number;
  readonly callsWait: number;
}

type Counts = Omit<Consequence, "sentence">;

const WORDS: Readonly<Record<ProcessAct, string>> = {
  kill: "Kill",
  restart: "Restart",
  suspend: "Pause",
  resume: "Resume",
  freeze: "Freeze",
  park: "Stop",
  retry: "Start",
};

const LOSES_MAX = 20;

/** Counts and words for `act` on the process of `row`. */
export function consequenceOf(parts: HubParts, row: ProcessRow, act: ProcessAct): Consequence {
  const offered = row.acts.includes(act);
  const shells = parts.keeper.shells();
  const none: Counts = { offered, loses: [], shells, callsFail: 0, callsWait: 0 };
  const head = `${WORDS[act]} ${row.name}`;
  if (!offered) return { ...none, sentence: `${head}: not possible while it is ${row.state}` };
  if (row.kind === "hub") {
    return { ...none, sentence: "All views reconnect in about 1 s; shells keep running" };
  }
  if (row.kind === "page" || row.kind === "window") {
    return {
      ...none,
      sentence: `${head}: the view comes back with its layout; shells keep running`,
    };
  }
  if (row.kind === "keeper") return ofKeeper(parts, row, act, none);
  if (row.kind === "shell") return ofShell(parts, row, none);
  if (act === "retry") return { ...none, sentence: head };
  if (act === "resume") return { ...none, sentence: `${head}: ${row.held} held are delivered` };
  if (act === "suspend" || act === "freeze") {
    return {
      ...none,
      callsWait: row.callsInFlight,
      sentence: `${head}: calls wait up to their deadline`,
    };
  }
  return ofActor(parts, row, act, none);
}

function ofActor(parts: HubParts, row: ProcessRow, act: ProcessAct, none: Counts): Consequence {
  const census = parts.broker.census(row.name);
  const end = parts.broker.endConsequence(row.name);
  const stays = act !== "park";
  const callsFail = stays ? end.callsFail : end.callsFail + end.callsWait;
  const callsWait = stays ? end.callsWait : 0;
  const counts = [
    ...(row.name === "terminal" ? [`${plural(none.shells, "shell stays", "shells stay")}`] : []),
    plural(callsFail, "call fails", "calls fail"),
    ...(stays ? [plural(callsWait, "waits", "wait")] : ["further calls fail until it is started"]),
  ];
  const loses = census.inFlight
    .filter((call) => subjectRules.get(call.subject)?.changes === "something")
    .slice(0, LOSES_MAX)
    .map((call) => `${call.subject} for ${call.source} is under way, its outcome will be unknown`);
  return {
    ...none,
    loses,
    callsFail,
    callsWait,
    sentence: `${WORDS[act]} ${row.name}: ${counts.join(", ")}`,
  };
}

/** The keeper of this row, or of this shell. */
function linkOf(parts: HubParts, row: ProcessRow): KeeperLink {
  const name = row.kind === "shell" ? row.parent : row.name;
  return parts.keeper.others().find((other) => other.name === name)?.link ?? parts.keeper;
}

function ofKeeper(parts: HubParts, row: ProcessRow, act: ProcessAct, none: Counts): Consequence {
  const keeper = linkOf(parts, row);
  if (act === "retry") return { ...none, sentence: "Start the keeper" };
  if (act === "resume") return { ...none, sentence: "Let a stopped keeper go on" };
  const loses = (keeper.last()?.sessions ?? [])
    .filter((session) => session.exit === null)
    .slice(0, LOSES_MAX)
    .map((session) => `${basename(session.argv[0] ?? "shell")} in ${session.cwd} will be ended`);
  const shells = runningShells(keeper.last());
  const isAll = shells === none.shells;
  const sentence = isAll
    ? "Ends every shell of this workspace"
    : `Ends ${shells} of the ${none.shells} shells of this workspace`;
  return { ...none, loses, sentence };
}

function ofShell(parts: HubParts, row: ProcessRow, none: Counts): Consequence {
  const { sessions } = linkOf(parts, row).last() ?? { sessions: [] };
  const session = sessions.find((one) => shellName(one) === row.name);
  const busy =
    session !== undefined && session.foreground !== 0 && session.foreground !== session.pid;
  const name = basename(session?.argv[0] ?? row.name);
  const loses = busy
    ? [`the program in front of ${name} (process ${session.foreground}) will be ended`]
    : [];
  return { ...none, loses, sentence: `End ${name} in ${session?.cwd ?? "its folder"}` };
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
