/**
 * Starts actors through `bulkhead-launch`: confined, own process group, PDEATHSIG, no stray file descriptors.
 * File descriptor 3 of the child is a socketpair whose other end becomes its link; 1 and 2 are read here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import type { Socket } from "node:net";
import { isAbsolute, join } from "node:path";
import type { Exit } from "../../supervision/end.ts";
import type { RunningProcess } from "../../supervision/ports.ts";
import type { ChildSpec, Program } from "../../supervision/spec.ts";
import type { HubLog } from "./hub-log.ts";
import { createLineRing } from "./line-ring.ts";
import type { HubOptions } from "./options.ts";
import type { CaptureTarget } from "./stack-capture.ts";

/** How long the pipes of an ended process are read on, milliseconds. */
const DRAIN_MS = 200;

/** A started actor with its link. */
export interface LaunchedProcess extends RunningProcess, CaptureTarget {
  readonly name: string;
  /** Our end of its file descriptor 3. Owned by whoever attaches it to the broker. */
  readonly socket: Socket;
}

/** What is the same for every start, and the walls of this one. */
export interface LaunchParts {
  readonly options: HubOptions;
  readonly log: HubLog;
  /** Arguments of the launcher that confine the process; none leave it open. */
  readonly walls: readonly string[];
}

/** Starts one process; `onExit` comes once, after its pipes are read or 200 ms later. */
export function launch(
  { options, log, walls }: LaunchParts,
  spec: ChildSpec,
  onExit: (exit: Exit) => void,
): LaunchedProcess {
  const launcher = join(options.home, "bin", "bulkhead-launch");
  const command = commandOf(options, spec.program, spec.memory.hardBytes);
  for (const path of [launcher, ...command.files]) mustExist(path);
  const child = spawn(
    launcher,
    [
      "--parent",
      String(process.pid),
      ...(spec.keeperLink ? ["--keeper", options.runtimeDir] : []),
      ...walls,
      "--",
      ...command.argv,
    ],
    {
      cwd: "/",
      env: { ...options.childEnv, ...spec.env, BULKHEAD_ACTOR: spec.name },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    },
  );
  return watch(child, spec.name, log, onExit);
}

function watch(
  child: ChildProcess,
  name: string,
  log: HubLog,
  onExit: (exit: Exit) => void,
): LaunchedProcess {
  const { pid } = child;
  // Without a listener the event would end the hub.
  child.on("error", (error) => log.write("hub", `error ${name}: ${error.message}`));
  // Without a process there are no pipes at all, whatever the types say.
  const socket = pid === undefined ? undefined : (child.stdio[3] as Socket | null | undefined);
  if (pid === undefined || socket === null || socket === undefined) {
    throw new Error("no process could be made: processes, descriptors or memory have run out");
  }
  const listeners = new Set<(line: string) => void>();
  const stderr = createLineRing((line) => {
    log.write(name, line);
    for (const listener of listeners) listener(line);
  });
  const stdout = createLineRing((line) => log.write(name, line));
  child.stdout?.on("data", (chunk: Buffer) => stdout.write(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.write(chunk));
  whenEnded(child, (exit) => {
    stderr.flush();
    stdout.flush();
    onExit(exit);
  });
  return {
    name,
    pid,
    socket,
    stderr: () => [...stderr.lines()],
    onStderrLine(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signal(signal, to) {
      sendSignal(to === "group" ? -pid : pid, pid, signal);
    },
  };
}

/**
 * Last words and last replies still lie in the pipes when the process has ended, so they are read to their end
 * first; a grandchild may hold one open, therefore the bound.
 */
function whenEnded(child: ChildProcess, ended: (exit: Exit) => void): void {
  child.once("exit", (code, signal) => {
    let over = false;
    const finish = (): void => {
      if (over) return;
      over = true;
      clearTimeout(late);
      ended({ code, signal });
    };
    const late = setTimeout(finish, DRAIN_MS);
    const open = [child.stdout, child.stderr, child.stdio[3]].filter(
      (pipe) => pipe !== null && pipe !== undefined && !pipe.closed,
    );
    let left = open.length;
    if (left === 0) finish();
    for (const pipe of open) {
      pipe?.once("close", () => {
        left -= 1;
        if (left === 0) finish();
      });
    }
  });
}

function sendSignal(target: number, pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // The group is made by the launcher itself: for the first millisecond there is only the process.
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone: that is what was wanted, or its end is about to be heard.
    }
  }
}

function commandOf(
  options: HubOptions,
  program: Program,
  hardBytes: number,
): { readonly argv: readonly string[]; readonly files: readonly string[] } {
  const at = (path: string): string => (isAbsolute(path) ? path : join(options.home, path));
  if (program.type === "native") {
    const path = at(program.path);
    return { argv: [path, ...program.args], files: [path] };
  }
  const script = at(program.script);
  const flags = [
    `--max-old-space-size=${Math.round(hardBytes / 1024 / 1024)}`,
    "--inspect-port=127.0.0.1:0",
    "--inspect-publish-uid=stderr",
  ];
  return { argv: [options.node, ...flags, script, ...program.args], files: [options.node, script] };
}

function mustExist(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new Error(`${path} is missing: build Bulkhead again (npm start)`, { cause: error });
  }
}
