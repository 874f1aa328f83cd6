/** The process table: supervised processes, the root's, the keeper with its shells, and late attachers. */
import { basename } from "node:path";
import type { ProcessAct, ProcessRow, ProcessState } from "../../contracts/hub.ts";
import type { AnySessionRow } from "../../contracts/keeper-majors.ts";
import type { RootProcess } from "../../contracts/root.ts";
import { actsIn } from "../../supervision/acts.ts";
import { type Child, childState } from "../../supervision/child.ts";
import type { KeeperView } from "./keeper-link.ts";
import type { OtherKeeper } from "./keepers.ts";
import type { HubParts } from "./parts.ts";
import type { ProcessFigures } from "./process-stats.ts";

type Kind = ProcessRow["kind"];

/** Before the first message for it the broker knows no such name. */
const NO_COUNTS = { mailbox: 0, held: 0, callsInFlight: 0 };
/** Clients shown; more than that is a flood nobody reads. */
const CLIENTS_MAX = 64;

/** All rows in tree order, with figures as fresh as `parts.stats` gives them. */
export function processRows(parts: HubParts): ProcessRow[] {
  const rows = [
    ...rootRows(parts),
    ...parts.supervisor.children().map((child) => childRow(parts, child)),
    ...clientRows(parts),
    ...keeperRows(parts),
  ];
  const pids = rows.map((row) => row.pid).filter((pid) => pid !== null);
  const figures = parts.stats.sample(pids);
  return rows.map((row) => withFigures(row, row.pid === null ? undefined : figures.get(row.pid)));
}

/** One row by name, without figures. */
export function findRow(parts: HubParts, name: string): ProcessRow | undefined {
  return processRows(parts).find((row) => row.name === name);
}

function childRow(parts: HubParts, child: Readonly<Child>): ProcessRow {
  const { name, kind } = child.spec;
  const counts = parts.broker.actorStats(name) ?? NO_COUNTS;
  const state = childState(child);
  return {
    ...emptyRow(name, kind, "hub"),
    state,
    pid: child.process?.pid ?? null,
    epoch: child.epoch,
    restarts: child.restarts,
    reason: child.reason.slice(0, 1000),
    why: state === "parked" ? (child.moves.at(-1)?.why ?? "").slice(0, 400) : "",
    mailbox: counts.mailbox,
    held: counts.held,
    uptimeMs: child.spawnedAtMs === undefined ? null : performance.now() - child.spawnedAtMs,
    lagMs: child.lagMs,
    retryAtMs: child.retryAtMs,
    sinceMs: child.sinceMs,
    callsInFlight: counts.callsInFlight,
    sandbox: parts.confinement.words(child.spec).slice(0, 200),
    acts: actsIn(state),
  };
}

function rootRows(parts: HubParts): ProcessRow[] {
  const known = parts.rootProcesses().filter((one) => one.name !== "keeper");
  const rows = known.map((one) => rootRow(one));
  if (!rows.some((row) => row.name === "root")) {
    rows.unshift({
      ...emptyRow("root", "root", ""),
      state: "ready",
      pid: parts.options.rootPid,
      sandbox: "trusted",
    });
  }
  const hub: ProcessRow = {
    ...(rows.find((row) => row.name === "hub") ?? emptyRow("hub", "hub", "root")),
    state: "ready",
    pid: process.pid,
    epoch: parts.options.hubEpoch,
    // Also before the root has told of it.
    restarts: parts.options.hubEpoch - 1,
    lagMs: parts.lagMs(),
    uptimeMs: process.uptime() * 1000,
    sinceMs: parts.startedMs,
    sandbox: "trusted",
    acts: ["kill", "restart"],
  };
  return [
    ...rows.filter((row) => row.name === "root"),
    hub,
    ...rows.filter((row) => row.name !== "root" && row.name !== "hub"),
  ];
}

function rootRow(one: RootProcess): ProcessRow {
  const kind = kindOf(one.name);
  return {
    ...emptyRow(
      one.name,
      kind,
      kind === "root" ? "" : kind === "page" ? one.name.replace("page", "window") : "root",
    ),
    state: one.state,
    pid: one.pid,
    restarts: one.restarts,
    reason: one.reason.slice(0, 1000),
    uptimeMs: one.pid === null ? null : Date.now() - one.startedMs,
    retryAtMs: one.retryAtMs,
    sinceMs: one.startedMs,
    sandbox: kind === "page" ? "confined by the web engine" : "trusted",
    acts: rootActs(kind, one.state),
  };
}

function rootActs(kind: Kind, state: ProcessState): ProcessAct[] {
  if (kind === "root") return [];
  if (kind === "page") return state === "ready" ? ["kill", "restart"] : [];
  if (state === "parked" || state === "backing-off") return ["retry"];
  return ["kill", "restart"];
}

function kindOf(name: string): Kind {
  const [word] = name.split("/");
  return word === "root" || word === "hub" || word === "page" || word === "keeper"
    ? word
    : "window";
}

function clientRows(parts: HubParts): ProcessRow[] {
  return parts.broker
    .peers()
    .filter((peer) => peer.kind === "edge")
    .slice(0, CLIENTS_MAX)
    .map((peer) => ({
      ...emptyRow(peer.name, "client" as const, "hub"),
      state: "ready" as const,
      pid: peer.pid === 0 ? null : peer.pid,
      epoch: peer.epoch,
      mailbox: peer.mailboxMessages,
      callsInFlight: peer.callsInFlight,
      sandbox: "attached with the token",
    }));
}

function keeperRows(parts: HubParts): ProcessRow[] {
  const told = parts.rootProcesses().find((one) => one.name === "keeper");
  const view = parts.keeper.last();
  const silence = parts.keeper.silence();
  const others = parts.keeper.others().flatMap(otherKeeperRows);
  if (view === null && told === undefined && silence === "") return others;
  const keeper: ProcessRow = {
    ...(told === undefined ? emptyRow("keeper", "keeper", "root") : rootRow(told)),
    kind: "keeper",
    state: view === null ? (told?.state ?? "parked") : "ready",
    pid: view?.pid ?? told?.pid ?? null,
    uptimeMs: view === null ? null : Date.now() - view.startedMs,
    sinceMs: view?.startedMs ?? told?.startedMs ?? 0,
    sandbox: "trusted",
    acts: view === null ? ["retry"] : ["kill"],
    ...silentFields(silence),
  };
  return [keeper, ...shellRows(view, "keeper"), ...others];
}

/** A keeper that another version of Bulkhead left, and its shells. */
function otherKeeperRows({ name, link }: OtherKeeper): ProcessRow[] {
  const view = link.last();
  const keeper: ProcessRow = {
    ...emptyRow(name, "keeper", ""),
    state: "ready",
    pid: view?.pid ?? null,
    reason: view === null ? "" : ageWords(view),
    uptimeMs: view === null ? null : Date.now() - view.startedMs,
    sinceMs: view?.startedMs ?? 0,
    sandbox: "trusted",
    ...silentFields(link.silence()),
    acts: ["kill"],
  };
  return [keeper, ...shellRows(view, name)];
}

/** "of Bulkhead 0.3.1: its shells are used like our own". */
function ageWords(view: KeeperView): string {
  const use = view.canAttach
    ? "its shells are used like our own"
    : "this version cannot attach to its shells";
  return `of Bulkhead ${view.version}: ${use}`.slice(0, 1000);
}

function shellRows(view: KeeperView | null, keeper: string): ProcessRow[] {
  const running = (view?.sessions ?? []).filter((session) => session.exit === null);
  return running.map((session) => shellRow(session, keeper));
}

/** What differs in the row of a keeper that is there and does not answer. */
function silentFields(why: string): Partial<ProcessRow> {
  return why === "" ? {} : { state: "unresponsive", reason: why, acts: ["kill", "resume"] };
}

/** `bash/1a2b-3`: the program for the eye, the session for the acts. */
export function shellName(session: AnySessionRow): string {
  return `${basename(session.argv[0] ?? "shell").replace(/^-/, "")}/${session.session}`.slice(
    0,
    200,
  );
}

function shellRow(session: AnySessionRow, keeper: string): ProcessRow {
  return {
    ...emptyRow(shellName(session), "shell", keeper),
    state: "ready",
    pid: session.pid,
    uptimeMs: Date.now() - session.createdMs,
    sinceMs: session.createdMs,
    sandbox: "the person's own",
    acts: ["kill"],
  };
}

function emptyRow(name: string, kind: Kind, parent: string): ProcessRow {
  return {
    name,
    kind,
    parent,
    state: "dormant",
    pid: null,
    epoch: 0,
    restarts: 0,
    reason: "",
    why: "",
    rssBytes: null,
    pssBytes: null,
    mailbox: 0,
    held: 0,
    uptimeMs: null,
    cpuPercent: null,
    lagMs: null,
    retryAtMs: null,
    sinceMs: 0,
    callsInFlight: 0,
    sandbox: "",
    acts: [],
  };
}

function withFigures(row: ProcessRow, figures: ProcessFigures | undefined): ProcessRow {
  if (figures === undefined) return row;
  const { rssBytes, pssBytes, cpuPercent } = figures;
  return { ...row, rssBytes, pssBytes, cpuPercent };
}
