/**
 * A whole workspace for the page: real keeper, real hub with its actors in browser mode. The test plays the root:
 * it holds the listening socket and starts a new hub when one dies.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connectPeer } from "../../bus/client.ts";
import { processes as rootTopic } from "../../bus/contracts/root.ts";
import { connectUnix, readToken, socketTransport } from "../../bus/node/index.ts";
import type { Peer } from "../../bus/peer.ts";
import { eventually } from "../eventually.ts";

export { eventually };

const CHECKOUT = resolve(import.meta.dirname, "../..");
/** Longest wait for a condition, milliseconds. */
const WAIT_MS = 20_000;

/** What is running. `end` must be called whatever happens. */
export interface Workspace {
  /** Address of the page. */
  readonly url: string;
  /** Folder the shells start in. */
  readonly folder: string;
  readonly configDir: string;
  readonly stateDir: string;
  hubPid(): number;
  /** A late attacher of the hub that runs now. */
  attach(): Promise<Peer>;
  /** The next hub is started only when this is called with false again. */
  holdHub(isHeld: boolean): void;
  stderr(): string;
  end(): Promise<void>;
}

/** Whether everything it needs is built: bundles, page, keeper and launcher. */
export function isBuilt(): boolean {
  const parts = [
    "node/terminal.mjs",
    "node/hub.mjs",
    "ui/index.html",
    "bin/bulkhead-keeper",
    "bin/bulkhead-launch",
  ];
  return parts.every((part) => existsSync(join(CHECKOUT, "dist", part)));
}

/** Further processes of the hub, as a drill file names them; see bus/node/hub/drill.ts. */
export type DrillChildren = ReadonlyArray<
  Readonly<Record<string, unknown>> & { readonly name: string; readonly script: string }
>;

/** Starts one with folders of its own, settings and misbehaving processes the test gives. */
export async function startWorkspace(
  settings: Readonly<Record<string, unknown>> = {},
  children: DrillChildren = [],
): Promise<Workspace> {
  const dir = mkdtempSync(join(tmpdir(), "bh-"));
  const dirs = prepare(dir, settings);
  writeFileSync(dirs.drill, JSON.stringify({ children }));
  const keeper = spawnKeeper(dirs);
  await eventually(
    "the keeper listens",
    () => existsSync(join(dirs.runtime, "keeper-1.sock")) || undefined,
  );
  const hubs = new Hubs(dirs);
  await hubs.start();
  return {
    url: `http://127.0.0.1:${hubs.port}/s/${dirs.key}/`,
    folder: dirs.folder,
    configDir: dirs.config,
    stateDir: dirs.state,
    hubPid: () => hubs.pid,
    attach: () => attach(dirs),
    holdHub: (isHeld) => hubs.hold(isHeld),
    stderr: () => hubs.errors,
    async end() {
      await hubs.end();
      await endProcess(keeper);
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Dirs {
  readonly runtime: string;
  readonly state: string;
  readonly config: string;
  readonly folder: string;
  readonly home: string;
  readonly key: string;
  /** File with the drill's processes. */
  readonly drill: string;
}

function prepare(dir: string, settings: Readonly<Record<string, unknown>>): Dirs {
  const key = randomBytes(32).toString("hex");
  const dirs = { runtime: "r", state: "s", config: "c", folder: "orbit", home: "home" };
  const paths = Object.fromEntries(
    Object.entries(dirs).map(([name, part]) => [name, join(dir, part)]),
  );
  for (const path of Object.values(paths)) mkdirSync(path, { mode: 0o700 });
  const drill = join(dir, "drill.json");
  const made: Dirs = { ...(paths as Record<keyof typeof dirs, string>), key, drill };
  const secret = { mode: 0o600 };
  writeFileSync(join(made.runtime, "token"), randomBytes(32), secret);
  writeFileSync(join(made.runtime, "session.key"), key, secret);
  writeFileSync(join(made.runtime, "serve.token"), randomBytes(32).toString("hex"), secret);
  writeFileSync(join(made.config, "settings.json"), JSON.stringify(settings));
  writeFileSync(join(made.home, ".bashrc"), "PS1='$ '\n");
  return made;
}

function spawnKeeper(dirs: Dirs): ChildProcess {
  return spawn(join(CHECKOUT, "dist/bin/bulkhead-keeper"), ["--runtime-dir", dirs.runtime], {
    stdio: ["ignore", "ignore", "ignore"],
  });
}

/** Hubs one after the other, on the same socket. */
class Hubs {
  errors = "";
  /** 0 until the first one listens. */
  port = 0;
  readonly #dirs: Dirs;
  #child: ChildProcess | undefined;
  #epoch = 0;
  #isEnding = false;
  #isHeld = false;

  constructor(dirs: Dirs) {
    this.#dirs = dirs;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld && this.#child === undefined) void this.start();
  }

  async start(): Promise<void> {
    this.#epoch += 1;
    const listener = await listen(this.port);
    this.port = portOf(listener);
    const child = spawn(process.execPath, [join(CHECKOUT, "dist/node/hub.mjs")], {
      stdio: ["ignore", "ignore", "pipe", "pipe", fdOf(listener)],
      env: hubEnvironment(this.#dirs, this.#epoch),
    });
    // The hub has its own copy; two that accept would share the visitors.
    listener.close();
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-20_000);
    });
    child.once("exit", () => {
      this.#child = undefined;
      if (!this.#isEnding && !this.#isHeld) void this.start();
    });
    const link = child.stdio[3] as Socket;
    const root = await connectPeer(
      socketTransport(link),
      { hello: { name: "root", pid: process.pid } },
      { readyTimeoutMs: WAIT_MS },
    );
    root.publish(rootTopic, { processes: [] });
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    if (this.#child !== undefined) await endProcess(this.#child);
  }
}

function hubEnvironment(dirs: Dirs, epoch: number): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: dirs.home,
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    BULKHEAD_RUNTIME_DIR: dirs.runtime,
    BULKHEAD_STATE_DIR: dirs.state,
    BULKHEAD_CONFIG_DIR: dirs.config,
    BULKHEAD_WORKSPACE: dirs.folder,
    BULKHEAD_MODE: "browser",
    BULKHEAD_HOME: join(CHECKOUT, "dist"),
    BULKHEAD_NODE: process.execPath,
    BULKHEAD_VERSION: "0.1.0-test",
    BULKHEAD_ROOT_PID: String(process.pid),
    BULKHEAD_HUB_EPOCH: String(epoch),
    BULKHEAD_DRILL: "1",
    BULKHEAD_DRILL_FILE: dirs.drill,
  };
}

async function attach(dirs: Dirs): Promise<Peer> {
  const token = await readToken(join(dirs.runtime, "token"));
  const transport = await connectUnix(join(dirs.runtime, "hub.sock"));
  return connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((visitor) => visitor.destroy());
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** Node has no public way to the descriptor of a listening socket. */
function fdOf(server: Server): number {
  const handle: unknown = Reflect.get(server, "_handle");
  if (
    typeof handle === "object" &&
    handle !== null &&
    "fd" in handle &&
    typeof handle.fd === "number"
  ) {
    return handle.fd;
  }
  throw new Error("the listening socket has no descriptor");
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return address.port;
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(late);
}
