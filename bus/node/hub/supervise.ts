/** The real world behind the supervisor's ports: processes, stacks, files, the broker. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Broker } from "../../broker/index.ts";
import { systemClock } from "../../clock.ts";
import { type CrashHead, crashes as crashesTopic } from "../../contracts/hub.ts";
import type { Peer } from "../../peer.ts";
import { CHILDREN } from "../../supervision/children.ts";
import type { RunningProcess, SupervisorPorts, Tale } from "../../supervision/ports.ts";
import { parseSaved, type SavedSupervision } from "../../supervision/saved.ts";
import type { ChildSpec } from "../../supervision/spec.ts";
import { createSupervisor, type Supervisor } from "../../supervision/supervisor.ts";
import { createActorLinks } from "./actor-links.ts";
import type { Confinement } from "./confinement.ts";
import { actorCrash } from "./crash-report.ts";
import type { CrashStore } from "./crash-store.ts";
import { planOf } from "./drill.ts";
import type { HubLog } from "./hub-log.ts";
import { type LaunchedProcess, launch } from "./launch.ts";
import { killLeftovers } from "./leftovers.ts";
import { createMemoryKills } from "./memory-kills.ts";
import type { HubOptions } from "./options.ts";
import { readRssBytes } from "./proc.ts";
import type { SavedFiles } from "./saved-files.ts";
import { captureStack } from "./stack-capture.ts";
import { handOverGuard } from "./widen.ts";

/** Between two looks at what the kernel killed for lack of memory, milliseconds. */
const MEMORY_LOOK_MS = 3_000;

/** What supervision needs of the hub. */
export interface SuperviseParts {
  readonly options: HubOptions;
  readonly log: HubLog;
  readonly broker: Broker;
  readonly peer: Peer;
  readonly crashes: CrashStore;
  readonly files: SavedFiles;
  readonly confinement: Confinement;
  tell(tale: Tale): void;
  changed(): void;
  /** Last recorded frames from and to a process, oldest first. */
  lastFrames(name: string): readonly unknown[];
}

/** Makes the supervisor of this hub; nothing is started yet. */
export function createHubSupervisor(parts: SuperviseParts): Supervisor {
  const { options } = parts;
  const plan = planOf(CHILDREN, options.drill);
  const file = join(options.stateDir, "supervision.json");
  const ports = createPorts(parts, file, () => supervisor);
  const supervisor: Supervisor = createSupervisor(
    {
      specs: plan.specs,
      timings: plan.timings,
      rootPid: options.rootPid,
      drill: options.drill !== undefined,
      saved: options.hubEpoch > 1 ? readSaved(file, options.rootPid) : undefined,
    },
    ports,
  );
  return supervisor;
}

function createPorts(
  parts: SuperviseParts,
  file: string,
  supervisor: () => Supervisor,
): SupervisorPorts {
  const { options, log, broker } = parts;
  const running = new Map<number, LaunchedProcess>();
  const memoryKills = createMemoryKills();
  setInterval(() => memoryKills.look(), MEMORY_LOOK_MS).unref();
  const links = createActorLinks(broker, {
    ready: (name) => supervisor().ready(name),
    pulse: (name, pulse) => supervisor().pulse(name, pulse),
    lost: (name) => supervisor().linkLost(name),
  });
  return {
    clock: systemClock,
    wallMs: Date.now,
    random: Math.random,
    link: links,
    launch(spec: ChildSpec, epoch: number, onExit, as) {
      const walls = parts.confinement.launching(spec);
      const launched = launch({ options, log, walls }, spec, (exit) => {
        running.delete(launched.pid);
        log.write(
          "hub",
          `info ${spec.name} (${launched.pid}) ended: ${exit.signal ?? `code ${exit.code}`}`,
        );
        // What it started in a session of its own is in no group that could be killed. Beside another of the name it
        // has started nothing: only actors without children are replaced.
        const isAlone = [...running.values()].every((one) => one.name !== spec.name);
        if (isAlone) killLeftovers(options.runtimeDir, spec.name);
        onExit(exit);
      });
      running.set(launched.pid, launched);
      links.attach({ ...spec, name: as?.beside ?? spec.name }, epoch, launched);
      log.write("hub", `info ${spec.name} started as process ${launched.pid}, epoch ${epoch}`);
      return launched;
    },
    handOver: () => handOverGuard(parts.peer),
    captureStack: (process: RunningProcess, timeoutMs) => {
      const launched = running.get(process.pid);
      if (launched === undefined) return Promise.resolve("no stack: the process was gone");
      return captureStack(launched, timeoutMs);
    },
    rssBytes: readRssBytes,
    ranOutOfMemory: () => memoryKills.rose(),
    report: (crash) => {
      const draft = actorCrash(crash, Date.now(), parts.lastFrames(crash.name));
      const { head } = parts.crashes.add(draft);
      publishCrash(parts.peer, head);
      return head.id;
    },
    tell: parts.tell,
    changed: parts.changed,
    save(saved) {
      try {
        parts.files.write(file, `${JSON.stringify(saved)}\n`);
      } catch (error) {
        log.write("hub", `warn restart windows: ${String(error)}`);
      }
    },
  };
}

function publishCrash(peer: Peer, head: CrashHead): void {
  peer.publish(crashesTopic, head);
}

function readSaved(file: string, rootPid: number): SavedSupervision | undefined {
  try {
    return parseSaved(readFileSync(file, "utf8"), rootPid);
  } catch {
    return undefined;
  }
}
