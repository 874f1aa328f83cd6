/** Checks of this machine and this instance: what is here, what is missing, and the command that would mend it. */
import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { KernelParts } from "./confinement.ts";
import type { HubParts } from "./parts.ts";

/** One line of the doctor. */
export interface Check {
  readonly name: string;
  readonly level: "ok" | "warn" | "error";
  readonly says: string;
  /** Empty when there is nothing to do. */
  readonly fix: string;
}

const PROGRAMS: ReadonlyArray<readonly [program: string, why: string, fix: string]> = [
  ["bwrap", "the window's page runs in a sandbox", "sudo apt-get install bubblewrap"],
  ["xdg-dbus-proxy", "the window's page runs in a sandbox", "sudo apt-get install xdg-dbus-proxy"],
];
const FREE_BYTES_MIN = 64 * 1024 * 1024;
const NODE_MAJOR_MIN = 24;

/** Runs every check; none of them throws. */
export async function runDoctor(parts: HubParts): Promise<Check[]> {
  const { options } = parts;
  const keeper = await parts.keeper.look();
  return [
    checkNode(),
    checkFolder("runtime folder", options.runtimeDir),
    checkFolder("state folder", options.stateDir),
    checkSpace(options.stateDir),
    checkParts(options.home),
    ...PROGRAMS.map(([program, why, fix]) => checkProgram(program, why, fix)),
    checkSandbox(parts.confinement.kernel()),
    keeper === null
      ? bad("keeper", "does not answer: shells cannot be started", "bulkhead actor retry keeper")
      : ok("keeper", `runs as process ${keeper.pid} with ${keeper.sessions.length} sessions`),
    ...parts.supervisor.children().map((child) => checkChild(child.spec.name, parts)),
    ...parts.settings
      .view()
      .problems.map((says): Check => ({ name: "settings", level: "warn", says, fix: "" })),
  ];
}

function checkNode(): Check {
  const { node } = process.versions;
  return Number(node.split(".")[0]) >= NODE_MAJOR_MIN
    ? ok("Node", node)
    : bad("Node", `${node}, needed is ${NODE_MAJOR_MIN}`, "npm start installs the pinned one");
}

function checkFolder(name: string, path: string): Check {
  try {
    const { mode, uid } = statSync(path);
    if (uid !== process.getuid?.())
      return bad(name, `${path} belongs to user ${uid}`, `chown it, or choose another`);
    if ((mode & 0o077) !== 0 && name === "runtime folder") {
      return bad(
        name,
        `${path} has mode ${(mode & 0o777).toString(8)}, expected 700`,
        `chmod 700 ${path}`,
      );
    }
    accessSync(path, constants.W_OK);
    return ok(name, path);
  } catch (error) {
    return bad(name, error instanceof Error ? error.message : String(error), `mkdir -p ${path}`);
  }
}

function checkSpace(path: string): Check {
  try {
    const { bavail, bsize } = statfsSync(path);
    const free = bavail * bsize;
    const says = `${Math.round(free / 1024 / 1024)} MB free for logs and crash reports`;
    return free < FREE_BYTES_MIN ? warn("disk", says, `make room below ${path}`) : ok("disk", says);
  } catch (error) {
    return warn("disk", error instanceof Error ? error.message : String(error), "");
  }
}

function checkParts(home: string): Check {
  const missing = [
    "bin/bulkhead",
    "bin/bulkhead-keeper",
    "bin/bulkhead-launch",
    "ui/index.html",
    "node/cli.mjs",
    "node/guard.node",
  ].filter((path) => !exists(join(home, path)));
  return missing.length === 0
    ? ok("installed files", home)
    : bad("installed files", `missing in ${home}: ${missing.join(", ")}`, "npm start");
}

function checkProgram(program: string, why: string, fix: string): Check {
  const found = ["/usr/bin", "/bin", "/usr/local/bin"].some((folder) =>
    exists(join(folder, program)),
  );
  return found ? ok(program, "found") : warn(program, `not found: ${why}`, fix);
}

function checkSandbox(kernel: KernelParts | string): Check {
  if (typeof kernel === "string") return bad("sandbox", kernel, "npm start");
  const here = `Landlock ${kernel.landlockAbi}, user-notify ${kernel.userNotify ? "yes" : "no"}`;
  if (!kernel.userNotify) {
    const refused = `${here}: programs of the agent and of servers are not started`;
    return warn("sandbox", refused, "a kernel from 5.9 on, with seccomp user notification");
  }
  if (kernel.missing.length === 0) return ok("sandbox", here);
  const says = `${here}: actors run with fewer walls, without ${kernel.missing.join(", ")}`;
  return warn("sandbox", says, "a kernel from 6.12 on, with Landlock among its lsm= modules");
}

function checkChild(name: string, parts: HubParts): Check {
  const child = parts.supervisor.child(name);
  const state = child?.snapshot.value;
  if (state === "parked")
    return bad(name, `stopped: ${child?.reason ?? ""}`, `bulkhead actor retry ${name}`);
  if (state === "unresponsive") return warn(name, "does not answer", `bulkhead actor kill ${name}`);
  return ok(name, String(state));
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}

function ok(name: string, says: string): Check {
  return { name, level: "ok", says, fix: "" };
}

function warn(name: string, says: string, fix: string): Check {
  return { name, level: "warn", says, fix };
}

function bad(name: string, says: string, fix: string): Check {
  return { name, level: "error", says, fix };
}
