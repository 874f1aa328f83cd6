/** A supervisor on a simulated clock: processes are records, nothing real is started. */
import { SimulatedClock } from "../../bus/clock.ts";
import type { Control } from "../../bus/protocol.ts";
import { childState } from "../../bus/supervision/child.ts";
import { DEFAULT_TIMINGS } from "../../bus/supervision/children.ts";
import type { Exit } from "../../bus/supervision/end.ts";
import { DEFAULT_POLICY } from "../../bus/supervision/policy.ts";
import type { CrashFacts, RunningProcess, Tale } from "../../bus/supervision/ports.ts";
import type { SavedSupervision } from "../../bus/supervision/saved.ts";
import type { ChildSpec } from "../../bus/supervision/spec.ts";
import { createSupervisor, type Supervisor } from "../../bus/supervision/supervisor.ts";

/** One pretended process. */
export interface Pretended {
  readonly name: string;
  readonly epoch: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signals: string[];
  alive: boolean;
  /** Ends it as the operating system would say it. */
  end(exit: Partial<Exit>): void;
}

/** The supervisor and everything it did. */
export interface Rig {
  readonly clock: SimulatedClock;
  readonly supervisor: Supervisor;
  readonly launched: Pretended[];
  readonly states: Array<readonly [name: string, state: string]>;
  readonly controls: Array<readonly [name: string, control: Control]>;
  readonly pings: string[];
  readonly crashes: CrashFacts[];
  readonly tales: Tale[];
  /** Whether pings are answered; at first they are. */
  answers: boolean;
  rss: number;
  stack: string;
  readonly swaps: Array<readonly [name: string, other: string]>;
  /** What the process beside still has to answer. */
  busy: number;
  handOver: () => Promise<void>;
  stderr: string[];
  failLaunch: string | undefined;
  ranOutOfMemory: boolean;
  wallJumpMs: number;
  saved(): SavedSupervision;
  state(name: string): string;
  /** The running process of `name`. */
  running(name: string): Pretended;
  /** Starts everything and says ready for all that runs. */
  bringUp(): void;
  ready(name: string): void;
}

/** A spec with the plain figures. */
export function spec(name: string, more: Partial<ChildSpec> = {}): ChildSpec {
  return {
    name,
    kind: "actor",
    program: { type: "node", script: `${name}.mjs`, args: [] },
    lazy: false,
    dependsOn: [],
    keeperLink: false,
    startTimeoutMs: 20_000,
    policy: DEFAULT_POLICY,
    memory: { softBytes: 100, hardBytes: 200 },
    manifest: { calls: [], publishes: [], subscribes: [] },
    sandbox: { open: "" },
    ...more,
  };
}

/** Makes a rig. Random is 0, so that delays are exact; wall time is 1,000,000 plus the clock. */
export function rig(
  specs: readonly ChildSpec[],
  more: { drill?: boolean; saved?: SavedSupervision } = {},
): Rig {
  const clock = new SimulatedClock();
  let lastSaved: SavedSupervision = { version: 1, rootPid: 7, children: {} };
  const parts = {
    clock,
    launched: [] as Pretended[],
    states: [] as Array<readonly [string, string]>,
    controls: [] as Array<readonly [string, Control]>,
    pings: [] as string[],
    swaps: [] as Array<readonly [string, string]>,
    busy: 0,
    handOver: () => Promise.resolve(),
    crashes: [] as CrashFacts[],
    tales: [] as Tale[],
    answers: true,
    rss: 1,
    stack: "at spin (x.js:1:1)",
    stderr: [] as string[],
    failLaunch: undefined as string | undefined,
    /** Whether the kernel killed for lack of memory just now. */
    ranOutOfMemory: false,
    /** What somebody did to the wall clock, milliseconds. */
    wallJumpMs: 0,
  };
  const supervisor: Supervisor = createSupervisor(
    { specs, timings: DEFAULT_TIMINGS, rootPid: 7, drill: more.drill ?? false, saved: more.saved },
    {
      clock,
      wallMs: () => 1_000_000 + clock.now() + parts.wallJumpMs,
      random: () => 0,
      link: {
        setState: (name, state) => void parts.states.push([name, state]),
        control: (name, control) => void parts.controls.push([name, control]),
        ping: (name) => {
          parts.pings.push(name);
          if (parts.answers) supervisor.pulse(name, {});
        },
        takeLost: () => ({ failed: [], waiting: [] }),
        swap: (name, other) => void parts.swaps.push([name, other]),
        busy: () => parts.busy,
      },
      launch: (child, epoch, onExit, as) => {
        if (parts.failLaunch !== undefined) throw new Error(parts.failLaunch);
        const name = as?.beside ?? child.name;
        return pretend(parts, { name, epoch, onExit, env: child.env ?? {} });
      },
      handOver: () => parts.handOver(),
      captureStack: () => Promise.resolve(parts.stack),
      rssBytes: () => parts.rss,
      ranOutOfMemory: () => parts.ranOutOfMemory,
      report: (crash) => {
        parts.crashes.push(crash);
        return `crash-${parts.crashes.length}`;
      },
      tell: (tale) => void parts.tales.push(tale),
      changed: () => undefined,
      save: (saved) => {
        lastSaved = saved;
      },
    },
  );
  const running = (name: string): Pretended => {
    const found = parts.launched.findLast((one) => one.name === name && one.alive);
    if (found === undefined) throw new Error(`${name} does not run`);
    return found;
  };
  return Object.assign(parts, {
    supervisor,
    saved: () => lastSaved,
    state(name: string): string {
      const child = supervisor.child(name);
      if (child === undefined) throw new Error(`no child ${name}`);
      return childState(child);
    },
    running,
    ready: (name: string) => supervisor.ready(name),
    bringUp() {
      supervisor.start();
      for (const child of specs) supervisor.ready(child.name);
    },
  });
}

interface Launch {
  readonly name: string;
  readonly epoch: number;
  readonly env: Readonly<Record<string, string>>;
  onExit(exit: Exit): void;
}

function pretend(
  parts: { readonly launched: Pretended[]; readonly stderr: string[] },
  { name, epoch, env, onExit }: Launch,
): RunningProcess {
  const one: Pretended = {
    name,
    epoch,
    env,
    signals: [],
    alive: true,
    end(exit) {
      if (!one.alive) return;
      one.alive = false;
      onExit({ code: null, signal: null, ...exit });
    },
  };
  parts.launched.push(one);
  return {
    pid: parts.launched.length,
    stderr: () => parts.stderr,
    signal(signal) {
      one.signals.push(signal);
      if (signal === "SIGKILL") one.end({ signal });
    },
  };
}
