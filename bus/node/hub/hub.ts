/**
 * The hub: broker, supervisor and the services on top of them, wired together once.
 *
 *   root link (fd 3) --+
 *   actors (spawned) --+--> broker <--> own peer `hub`: services, notices, process table
 *   hub.sock ----------+                   ^
 *   browser pages -----+                   +--- supervisor (pure) with launch, stacks, crash store
 */
import { unlinkSync } from "node:fs";
import { join } from "node:path";
import { type Broker, createBroker } from "../../broker/index.ts";
import { systemClock } from "../../clock.ts";
import { notices as noticesTopic, settings as settingsTopic, tap } from "../../contracts/hub.ts";
import { type RootProcess, processes as rootTopic } from "../../contracts/root.ts";
import type { Peer } from "../../peer.ts";
import { PROTOCOL_VERSION } from "../../protocol.ts";
import { Recorder } from "../../recorder.ts";
import { DEFAULT_TIMINGS, ROOT_MANIFEST } from "../../supervision/children.ts";
import type { Supervisor } from "../../supervision/supervisor.ts";
import { serveRecorder } from "../../tap.ts";
import { type BrowserServer, startBrowserServer } from "../http/server.ts";
import { inheritedTransport, listenUnix, readToken, type UnixServer } from "../index.ts";
import { openCrashStore } from "./crash-store.ts";
import { type ProcessFeed, startFeed } from "./feed.ts";
import type { HubLog } from "./hub-log.ts";
import { createKeeperLink } from "./keeper-link.ts";
import { startLagMeter } from "./lag.ts";
import { createNoticeBoard, spanWords } from "./notices.ts";
import type { HubOptions } from "./options.ts";
import type { HubParts } from "./parts.ts";
import { createProcessStats } from "./process-stats.ts";
import { serveHub } from "./services.ts";
import { openSettings } from "./settings-store.ts";
import { createHubSupervisor } from "./supervise.ts";
import { createTeller } from "./tales.ts";

/** Recorded frames in a crash report. */
const CRASH_FRAMES_MAX = 64;
/** The listening socket of browser mode. */
const BROWSER_FD = 4;

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
  const recorder = new Recorder({
    clock: systemClock,
    names: {
      peer: (id) => broker.nameOf(id),
      subject: (id) => broker.subjects.nameOf(id),
    },
  });
  const broker: Broker = createBroker({
    hubEpoch: options.hubEpoch,
    observer: recorder,
    // Not in this turn: the broker is in the middle of routing the message that needs it.
    onActorNeeded: (name) => queueMicrotask(() => supervisor?.need(name)),
    onPeersChanged: () => feed?.changed(),
  });
  const peer = await broker.connectHub();
  serveTraffic({ broker, recorder, peer, hubEpoch: options.hubEpoch });
  const crashes = openCrashStore(join(options.stateDir, "crashes"));
  const board = createNoticeBoard(Date.now, (notice) => peer.publish(noticesTopic, notice));
  const { checkMs, killAfter } = DEFAULT_TIMINGS.watchdog;
  const now = (): number => performance.now();
  const tell = createTeller({ peer, board, crashes, unansweredMs: checkMs * killAfter, now });
  supervisor = createHubSupervisor({
    options,
    log,
    broker,
    peer,
    crashes,
    tell,
    changed: () => feed?.changed(),
    lastFrames: (name) => {
      const id = broker.idOf(name);
      return id === undefined ? [] : recorder.lastFrames(id, CRASH_FRAMES_MAX);
    },
  });
  const settings = openSettings(options.configDir, (view) => peer.publish(settingsTopic, view));
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
    keeper: createKeeperLink(options.runtimeDir, now),
    board,
    crashes,
    settings,
    browser,
    startedMs: Date.now(),
    rootProcesses: () => rootProcesses,
    lagMs: () => lag.take(),
  };
  serveHub(parts);
  feed = startFeed(parts);
  peer.subscribe(rootTopic, (value) => {
    rootProcesses = value.processes;
    feed?.changed();
  });
  peer.publish(settingsTopic, settings.view());
  const server = await listen(options, log, broker);
  attachRoot(options, broker, onRootLost);
  supervisor.start();
  if (options.hubEpoch > 1) tellReturn(parts);
  return {
    stop: (reason) => stopHub(parts, { server, feed, closeLag: lag.close }, reason),
    abandon: () => abandon(parts),
  };
}

interface Traffic {
  readonly broker: Broker;
  readonly recorder: Recorder;
  readonly peer: Peer;
  readonly hubEpoch: number;
}

function serveTraffic({ broker, recorder, peer, hubEpoch }: Traffic): void {
  // A tap that showed itself would never end.
  const subject = broker.subjects.intern(tap.subject);
  if (typeof subject === "object") recorder.hide(subject.id);
  const epochMs = Date.now() - systemClock.now();
  serveRecorder(peer, { recorder, clock: systemClock, epochMs, hubEpoch });
}

async function startBrowser(
  options: HubOptions,
  log: HubLog,
  broker: Broker,
): Promise<BrowserServer | undefined> {
  if (options.mode !== "browser") return undefined;
  return await startBrowserServer({
    listen: { fd: BROWSER_FD },
    runtimeDir: options.runtimeDir,
    uiDir: join(options.home, "ui"),
    version: options.version,
    // The path of the WebSocket was the proof; the server says hello for the page.
    onPage: (transport) =>
      void broker.attach(transport, {
        kind: "edge",
        name: "ui",
        hello: { protocol: PROTOCOL_VERSION, name: "ui", pid: 0 },
      }),
    log: (line) => log.write("http", line),
  });
}

async function listen(options: HubOptions, log: HubLog, broker: Broker): Promise<UnixServer> {
  const path = join(options.runtimeDir, "hub.sock");
  const token = await readToken(join(options.runtimeDir, "token"));
  // The root's lock says that no other hub of this instance lives: what lies there is stale.
  removeStale(path);
  return await listenUnix(path, (transport) => {
    const refused = (message: string): void => log.write("hub", `warn hub.sock: ${message}`);
    broker.attach(
      transport,
      { kind: "edge", token },
      {
        onClosed: (reason) => (reason.code === "bus/closed" ? undefined : refused(reason.message)),
      },
    );
  });
}

function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // There was none.
  }
}

/** Last of all: the root takes its `ready` for "the hub serves". */
function attachRoot(options: HubOptions, broker: Broker, onRootLost: () => void): void {
  broker.declareActor("root");
  broker.attach(
    inheritedTransport(),
    { kind: "actor", name: "root", epoch: options.hubEpoch, manifest: ROOT_MANIFEST },
    { onAttached: () => broker.setActorState("root", "ready"), onClosed: onRootLost },
  );
}

function tellReturn(parts: HubParts): void {
  const durationMs = Math.round(process.uptime() * 1000);
  parts.board.add({
    kind: "hub-restarted",
    level: "ok",
    process: "hub",
    title: `hub restarted in ${spanWords(durationMs)}`,
    text: "All processes are being started again; what was recorded before is gone.",
    crash: null,
    durationMs,
    repeats: parts.options.hubEpoch - 1,
  });
}

interface Closable {
  readonly server: UnixServer;
  readonly feed: ProcessFeed;
  closeLag(): void;
}

async function stopHub(parts: HubParts, closable: Closable, reason: string): Promise<void> {
  parts.log.write("hub", `info stops: ${reason}`);
  await parts.supervisor.stop(reason);
  closable.feed.close();
  closable.closeLag();
  parts.settings.close();
  parts.keeper.close();
  parts.browser?.close();
  // Not awaited: accepted links may stay open, and the process ends anyway.
  void closable.server.close();
  parts.broker.close({ code: "bus/closed", message: reason });
}

function abandon(parts: HubParts): void {
  for (const child of parts.supervisor.children()) child.process?.signal("SIGKILL", "group");
}
