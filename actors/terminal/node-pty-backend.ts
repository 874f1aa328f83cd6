/**
 * Sessions held inside this process by node-pty: the way to systems without the keeper, and its peer in the
 * benchmarks. They end with this process. An exit can lose the last output of a program, because node-pty
 * stops reading when the child is gone; the keeper reads to the end.
 */
import { constants } from "node:os";
import type { IPty } from "@lydell/node-pty";
import { type Exit, TerminalCode } from "../../bus/contracts/terminal.ts";
import { BusError } from "../../bus/errors.ts";
import {
  type Backend,
  type BackendRow,
  type InputPipe,
  OUTPUT_WINDOW_BYTES,
  type OutputPipe,
  type SpawnPlan,
  type StoredScreen,
} from "./backend.ts";
import { currentFolder } from "./process-table.ts";

/** Writers of one session whose offsets are remembered; the least recent one is forgotten. */
const WRITERS_MAX = 16;
/** Sessions this backend holds. */
const SESSIONS_MAX = 256;

/** Time between HUP and KILL when this process lets go, milliseconds. */
const CLOSE_GRACE_MS = 1_000;

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

type Spawn = typeof import("@lydell/node-pty").spawn;

/** What came of one writer, and its pipe. */
interface Writer {
  written: number;
  readonly end: (error: BusError) => void;
}

interface Held {
  readonly pty: IPty;
  readonly plan: SpawnPlan;
  readonly createdMs: number;
  readonly writers: Map<string, Writer>;
  /** Output that nobody has taken yet; node-pty is paused beyond a window. */
  waiting: Uint8Array[];
  unconsumed: number;
  head: number;
  reader: Reader | undefined;
  exit: Exit | null;
  cols: number;
  rows: number;
  meta: Uint8Array;
  screen: StoredScreen | null;
}

interface Reader {
  handler: ((chunk: Uint8Array) => void) | undefined;
  readonly finish: (exit: Exit) => void;
  readonly fail: (error: Error) => void;
}

/** A backend whose shells are children of this process. `close` ends them. */
export class NodePtyBackend implements Backend {
  readonly name = "node-pty";
  /** Never settles: it cannot be gone while this process lives. */
  readonly lost: Promise<string> = new Promise(() => undefined);
  readonly #spawn: Spawn;
  readonly #wallMs: () => number;
  readonly #sessions = new Map<string, Held>();
  #made = 0;

  /** @throws Error when the native module of node-pty is not there. */
  static async load(wallMs: () => number): Promise<NodePtyBackend> {
    const { spawn } = await import("@lydell/node-pty");
    return new NodePtyBackend(spawn, wallMs);
  }

  private constructor(spawn: Spawn, wallMs: () => number) {
    this.#spawn = spawn;
    this.#wallMs = wallMs;
  }

  async list(): Promise<readonly BackendRow[]> {
    return [...this.#sessions].map(([key, held]) => readRow(key, held));
  }

  async create(plan: SpawnPlan): Promise<{ key: string; pid: number }> {
    if (this.#sessions.size >= SESSIONS_MAX) {
      const reason = `There are ${this.#sessions.size} terminals, at most ${SESSIONS_MAX} may be.`;
      throw new BusError(TerminalCode.ptyLimit, reason);
    }
    const pty = this.#start(plan);
    const key = `node-pty-${++this.#made}`;
    const held: Held = {
      pty,
      plan,
      createdMs: this.#wallMs(),
      writers: new Map(),
      waiting: [],
      unconsumed: 0,
      head: 0,
      reader: undefined,
      exit: null,
      cols: plan.cols,
      rows: plan.rows,
      meta: plan.meta,
      screen: null,
    };
    this.#sessions.set(key, held);
    pty.onData((data) => take(held, data));
    pty.onExit(({ exitCode, signal }) => {
      const ranMs = this.#wallMs() - held.createdMs;
      const killed = signal !== undefined && signal !== 0;
      held.exit = {
        code: killed ? null : exitCode,
        signal: killed ? (SIGNAL_NAMES.get(signal) ?? `${signal}`) : null,
        ranMs,
      };
      settle(held);
    });
    return { key, pid: pty.pid };
  }

  async attach(key: string, offset: number): Promise<OutputPipe> {
    const held = this.#get(key);
    const first = held.head - held.unconsumed;
    if (offset !== first) {
      throw new BusError(TerminalCode.backend, `output goes on at ${first}, not at ${offset}`);
    }
    held.reader?.fail(new BusError(TerminalCode.backend, "another reader took over"));
    const { promise, resolve, reject } = Promise.withResolvers<Exit>();
    const reader: Reader = { handler: undefined, finish: resolve, fail: reject };
    held.reader = reader;
    return {
      offset,
      done: promise,
      onChunk: (handler) => {
        reader.handler = handler;
        // After the taker is set up, never inside its constructor.
        queueMicrotask(() => settle(held));
      },
      consumed: (bytes) => {
        held.unconsumed -= bytes;
        if (held.unconsumed <= OUTPUT_WINDOW_BYTES && held.exit === null) held.pty.resume();
      },
    };
  }

  async input(key: string, writer: string): Promise<InputPipe> {
    const held = this.#get(key);
    if (held.exit !== null) throw new BusError(TerminalCode.ended, `${key} has ended`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever does not wait for the end must not be told of it as an unhandled rejection.
    promise.catch(() => undefined);
    const before = held.writers.get(writer);
    before?.end(new BusError(TerminalCode.backend, `writer ${writer} opened again`));
    const offset = before?.written ?? 0;
    const own: Writer = { written: offset, end: reject };
    remember(held.writers, writer, own);
    const pipe: InputPipe = {
      offset,
      received: offset,
      done: promise,
      onWritten: () => undefined,
      write: (chunk) => {
        if (held.writers.get(writer) !== own) return;
        writeBytes(held.pty, chunk);
        own.written += chunk.length;
        remember(held.writers, writer, own);
        // The taker may still be in the middle of its own send.
        queueMicrotask(() => pipe.onWritten(chunk.length));
      },
      close: resolve,
    };
    return pipe;
  }

  async resize(key: string, cols: number, rows: number): Promise<void> {
    const held = this.#get(key);
    held.cols = cols;
    held.rows = rows;
    if (held.exit === null) held.pty.resize(cols, rows);
  }

  async end(key: string, graceMs: number): Promise<void> {
    const held = this.#get(key);
    if (held.exit !== null) return;
    held.pty.kill("SIGHUP");
    const timer = setTimeout(() => {
      if (held.exit === null) held.pty.kill("SIGKILL");
    }, graceMs);
    timer.unref();
  }

  async forget(key: string): Promise<void> {
    this.#get(key);
    this.#sessions.delete(key);
  }

  async setMeta(key: string, meta: Uint8Array): Promise<void> {
    this.#get(key).meta = meta;
  }

  async putScreen(key: string, screen: StoredScreen): Promise<void> {
    this.#get(key).screen = screen;
  }

  async getScreen(key: string): Promise<StoredScreen | null> {
    return this.#get(key).screen;
  }

  async close(): Promise<void> {
    const running = [...this.#sessions.values()].filter((held) => held.exit === null);
    this.#sessions.clear();
    const gone = running.map(
      (held) => new Promise<void>((resolve) => held.pty.onExit(() => resolve())),
    );
    for (const held of running) held.pty.kill("SIGHUP");
    const timer = setTimeout(() => {
      for (const held of running) if (held.exit === null) held.pty.kill("SIGKILL");
    }, CLOSE_GRACE_MS);
    await Promise.all(gone);
    clearTimeout(timer);
  }

  #start(plan: SpawnPlan): IPty {
    const [program = "", ...args] = plan.argv;
    try {
      return this.#spawn(program, args, {
        cwd: plan.cwd,
        env: { ...plan.env },
        cols: plan.cols,
        rows: plan.rows,
        encoding: null,
      });
    } catch (error) {
      throw new BusError(TerminalCode.ptyLimit, `no terminal for ${program}: ${String(error)}`, {
        cause: error,
      });
    }
  }

  #get(key: string): Held {
    const held = this.#sessions.get(key);
    if (held === undefined) throw new BusError(TerminalCode.noSuchSession, `no session ${key}`);
    return held;
  }
}

/** With `encoding: null` node-pty hands out buffers, whatever its types say. */
function take(held: Held, data: string | Uint8Array): void {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  held.waiting.push(bytes);
  held.head += bytes.length;
  held.unconsumed += bytes.length;
  if (held.unconsumed > OUTPUT_WINDOW_BYTES) held.pty.pause();
  settle(held);
}

/** node-pty takes bytes, whatever its types say; text would be encoded again. */
function writeBytes(pty: { write(data: unknown): void }, bytes: Uint8Array): void {
  pty.write(Buffer.from(bytes));
}

function settle(held: Held): void {
  const { reader } = held;
  if (reader?.handler === undefined) return;
  for (const chunk of held.waiting.splice(0)) reader.handler(chunk);
  if (held.exit !== null) reader.finish(held.exit);
}

function remember(writers: Map<string, Writer>, name: string, writer: Writer): void {
  writers.delete(name);
  writers.set(name, writer);
  const [oldest] = writers.keys();
  if (writers.size > WRITERS_MAX && oldest !== undefined) writers.delete(oldest);
}

function readRow(key: string, held: Held): BackendRow {
  const tail = held.head - held.unconsumed;
  const { plan, cols, rows, createdMs, exit, head, meta, pty } = held;
  const { argv } = plan;
  const cwd = currentFolder(pty.pid) ?? "";
  return {
    key,
    pid: pty.pid,
    argv,
    cwd,
    cols,
    rows,
    createdMs,
    exit,
    tail,
    head,
    read: tail,
    meta,
    heldBy: "",
  };
}
