/**
 * The hub: broker, supervisor and the services on top of them, wired together once.
 *
 *   root link (fd 3) --+
 *   actors (spawned) --+--> broker <--> own peer `hub`: services, notices, process table
 *   hub.sock ----------+                   ^
 *   browser pages -----+                   +--- supervisor (pure) with launch, stacks, crash store
 */
import { join } from "node:path";
import type { Broker } from "../../broker/index.ts";
import { systemClock } from "../../clock.ts";
import { notices as noticesTopic, settings as settingsTopic } from "../../contracts/hub.ts";
import { installed, type RootProcess, processes as rootTopic } from "../../contracts/root.ts";
import type { Peer } from "../../peer.ts";
import { DEFAULT_TIMINGS } from "../../supervision/children.ts";
import type { Supervisor } from "../../supervision/supervisor.ts";
import type { UnixServer } from "../index.ts";
import { keepAuditHead } from "./audit-head.ts";
import { createConfinement } from "./confinement.ts";
import { type CrashStore, openCrashStore } from "./crash-store.ts";
import { attachRoot, listen, startBrowser } from "./doors.ts";
import { type ProcessFeed, startFeed } from "./feed.ts";
import type { HubLog } from "./hub-log.ts";
import { createKeepers, type Keepers, runningShells } from "./keepers.ts";
import { type LagMeter, startLagMeter } from "./lag.ts";
import {
  createNoticeBoard,
  diskTrouble,
  keeperSilence,
  type NoticeBoard,
  type NoticeDraft,
  otherKeeper,
  otherKeeperGone,
  updated,
} from "./notices.ts";
import type { HubOptions } from "./options.ts";
import type { HubParts } from "./parts.ts";
import { createProcessStats } from "./process-stats.ts";
import { createSavedFiles, type SavedFiles } from "./saved-files.ts";
import { serveHub } from "./services.ts";
import { openSettings } from "./settings-store.ts";
import { openStandingDoor } from "./standing-door.ts";
import { createHubSupervisor } from "./supervise.ts";
import { createTeller, tellReturn } from "./tales.ts";
import { startTraffic } from "./traffic.ts";
import { serveWiden } from "./widen.ts";

/** Between two signs of life towards the root, milliseconds. */
const ROOT_BEAT_MS = 1000;

/** When the watchdog kills what does not answer, milliseconds. */
const UNANSWERED_MS = DEFAULT_TIMINGS.watchdog.checkMs * DEFAULT_TIMINGS.watchdog.killAfter;

const now = (): number => performance.now();

/** A running hub. */
export interface Hub {
  /** Stops everything in order. Resolves when nothing of ours is left; at most about 30 s. */
  stop(reason: string): Promise<void>;
  /** Kills every process of ours at once. */
  abandon(): void;
}

/**
 * Starts the hub.
 * @param onRootLost called once when the root is gone: nothing of ours may outlive it.
 * @throws Error in words for a person when it cannot serve.
 */
export async function startHub(
  options: HubOptions,
  log: HubLog,
  onRootLost: () => void,
): Promise<Hub> {
  let supervisor: Supervisor | undefined;
  let feed: ProcessFeed | undefined;
  const { broker, peer, lastFrames } = await startTraffic(options.hubEpoch, {
    needed: (name) => supervisor?.need(name),
    peersChanged: () => feed?.changed(),
    fault: (name, error) => noteFault(log, name, error),
  });
  const board = createNoticeBoard(Date.now, (notice) => peer.publish(noticesTopic, notice));
  const { files, crashes } = openStateDir(options.stateDir, board);
  const tellNow = (notice: NoticeDraft): void => {
    board.add(notice);
    feed?.changed();
  };
  const tell = createTeller({ peer, board, crashes, unansweredMs: UNANSWERED_MS, now });
  const settings = openSettings(options.configDir, (view) => peer.publish(settingsTopic, view));
  const confinement = createConfinement(options, () => settings.view().values["terminal.backend"]);
  supervisor = createHubSupervisor({
    options,
    log,
    broker,
    peer,
    crashes,
    files,
    confinement,
    tell,
    changed: () => feed?.changed(),
    lastFrames,
  });
  const lag = startLagMeter(now);
  let rootProcesses: readonly RootProcess[] = [];
  const browser = await startBrowser(options, log, broker);
  const parts: HubParts = {
    options,
    log,
    broker,
    peer,
    supervisor,
    stats: createProcessStats(now),
    keeper: watchKeepers(options.runtimeDir, () => rootProcesses, tellNow),
    board,
    crashes,
    files,
    confinement,
    settings,
    browser,
    startedMs: Date.now(),
    rootProcesses: () => rootProcesses,
    lagMs: () => lag.take(),
  };
  serveHub(parts);
  feed = startFeed(parts);
  followRoot(peer, tellNow, (processes) => {
    rootProcesses = processes;
    feed?.changed();
  });
  peer.publish(settingsTopic, settings.view());
  serveGuard(parts, tellNow);
  const server = await openDoor(options, log, broker);
  const root = attachRoot(options, broker, onRootLost);
  // The root's watchdog: a hub whose loop hangs sends none and is killed by it.
  const beat = setInterval(() => root.ping(), ROOT_BEAT_MS);
  supervisor.start();
  if (options.hubEpoch > 1) tellReturn({ peer, board, restarts: options.hubEpoch - 1 });
  return {
    stop: (reason) => stopHub(parts, { server, feed, lag, beat }, reason),
    abandon: () => abandon(parts),
  };
}

/** What the hub does for the file guard. */
function serveGuard(parts: HubParts, tell: (notice: NoticeDraft) => void): void {
  keepAuditHead(parts, tell);
  serveWiden(parts);
}

function openDoor(options: HubOptions, log: HubLog, broker: Broker): Promise<UnixServer> {
  return openStandingDoor({
    clock: systemClock,
    open: () => listen(options, log, broker),
    log: (line) => log.write("hub", line),
  });
}

function noteFault(log: HubLog, name: string, error: unknown): void {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.write("hub", `error over a frame of ${name}, whose link is closed: ${words}`);
}

/** What the hub writes; a disk that refuses it is told on the board. */
function openStateDir(
  folder: string,
  board: NoticeBoard,
): { readonly files: SavedFiles; readonly crashes: CrashStore } {
  const files = createSavedFiles(systemClock, (why) => void board.add(diskTrouble(why, folder)));
  return { files, crashes: openCrashStore(join(folder, "crashes"), files.write) };
}

/** The links to the keepers, whose silence and whose age a person is told of. */
function watchKeepers(
  runtimeDir: string,
  rootProcesses: () => readonly RootProcess[],
  tell: (notice: NoticeDraft) => void,
): Keepers {
  return createKeepers({
    runtimeDir,
    clock: systemClock,
    pid: () => rootProcesses().find((one) => one.name === "keeper")?.pid ?? null,
    onSilence: (why) => tell(keeperSilence(why)),
    onOther: (name, view) => tell(otherKeeper(name, { ...view, shells: runningShells(view) })),
    onOtherGone: (name, shells) => tell(otherKeeperGone(name, shells)),
  });
}

/** Hands on the root's processes, and tells once of each set of files that is installed and does not run yet. */
function followRoot(
  peer: Peer,
  tell: (notice: NoticeDraft) => void,
  onProcesses: (processes: readonly RootProcess[]) => void,
): void {
  peer.subscribe(rootTopic, ({ processes }) => onProcesses(processes));
  let told = "";
  peer.subscribe(installed, ({ version, isNew, build }) => {
    if (isNew && build !== told) tell(updated(version));
    told = isNew ? build : "";
  });
}

interface Closable {
  readonly server: UnixServer;
  readonly feed: ProcessFeed;
  readonly lag: LagMeter;
  readonly beat: NodeJS.Timeout;
}

async function stopHub(parts: HubParts, closable: Closable, reason: string): Promise<void> {
  parts.log.write("hub", `info stops: ${reason}`);
  await parts.supervisor.stop(reason);
  closable.feed.close();
  closable.lag.close();
  clearInterval(closable.beat);
  parts.settings.close();
  parts.files.close();
  parts.keeper.close();
  parts.browser?.close();
  // Not awaited: accepted links may stay open, and the process ends anyway.
  void closable.server.close();
  parts.broker.close({ code: "bus/closed", message: reason });
}

function abandon(parts: HubParts): void {
  for (const child of parts.supervisor.children()) child.process?.signal("SIGKILL", "group");
}
