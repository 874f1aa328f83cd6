/** Sessions held by the keeper, a process that outlives this one. */
import { constants } from "node:os";
import * as v from "valibot";
import type { MethodContract } from "../../bus/contracts/define.ts";
import * as keeper from "../../bus/contracts/keeper.ts";
import { type Exit, TerminalCode } from "../../bus/contracts/terminal.ts";
import { BusCode, BusError, isBusError } from "../../bus/errors.ts";
import type { BusStream, Peer } from "../../bus/peer.ts";
import {
  type Backend,
  type BackendRow,
  INPUT_WINDOW_BYTES,
  type InputPipe,
  OUTPUT_WINDOW_BYTES,
  type OutputPipe,
  type SpawnPlan,
  type StoredScreen,
} from "./backend.ts";

/** Time a call to the keeper may take, milliseconds. */
const CALL_MS = 10_000;
/** Our own shells wait for the list of another version's keeper, milliseconds. */
const OTHER_LIST_MS = 2_000;
/** A person waits for a new shell: a keeper that takes longer counts as away, milliseconds. */
const CREATE_MS = 3_000;

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

/** A backend over an authenticated link to one keeper. `close` closes the link, the shells live on. */
export class KeeperBackend implements Backend {
  readonly name = "keeper";
  readonly lost: Promise<string>;
  readonly #peer: Peer;
  readonly #heldBy: string;

  /** @param heldBy version of the Bulkhead that left this keeper; empty: it is ours. */
  constructor(peer: Peer, heldBy = "") {
    this.#peer = peer;
    this.#heldBy = heldBy;
    this.lost = peer.closed.then((reason) => reason.message);
  }

  async list(): Promise<readonly BackendRow[]> {
    const timeoutMs = this.#heldBy === "" ? CALL_MS : OTHER_LIST_MS;
    const { sessions } = await this.#try(this.#peer.request(keeper.list, {}, { timeoutMs }));
    return sessions.map((row) => readRow(row, this.#heldBy));
  }

  async create(plan: SpawnPlan): Promise<{ key: string; readonly pid: number }> {
    const input = { ...plan, argv: [...plan.argv], env: { ...plan.env } };
    const { session, pid } = await this.#try(
      this.#peer.request(keeper.create, input, { timeoutMs: CREATE_MS }),
    );
    return { key: session, pid };
  }

  async attach(key: string, offset: number): Promise<OutputPipe> {
    const stream = await this.#try(
      this.#peer.open(
        keeper.attach,
        { session: key, offset },
        { windowBytes: OUTPUT_WINDOW_BYTES },
      ),
    );
    // Nothing goes this way; a stream is over when both sides have ended.
    stream.end();
    const done = stream.done.then(readExit, (error: unknown) => {
      throw translate(error);
    });
    // Whoever does not wait for the end must not be told of it as an unhandled rejection.
    done.catch(() => undefined);
    return {
      offset: stream.accepted.offset,
      onChunk: (handler) => stream.onChunk(handler),
      consumed: (bytes) => stream.consumed(bytes),
      done,
    };
  }

  async input(key: string, writer: string): Promise<InputPipe> {
    const stream = await this.#try(
      this.#peer.open(keeper.input, { session: key, writer }, { lane: "control" }),
    );
    return new KeeperInput(stream);
  }

  async resize(key: string, cols: number, rows: number): Promise<void> {
    await this.#call(keeper.resize, { session: key, cols, rows });
  }

  async end(key: string, graceMs: number): Promise<void> {
    await this.#call(keeper.end, { session: key, graceMs });
  }

  async forget(key: string): Promise<void> {
    await this.#call(keeper.forget, { session: key });
  }

  async setMeta(key: string, meta: Uint8Array): Promise<void> {
    await this.#call(keeper.setMeta, { session: key, meta });
  }

  async putScreen(key: string, screen: StoredScreen): Promise<void> {
    await this.#call(keeper.putCheckpoint, { session: key, ...screen });
  }

  async getScreen(key: string): Promise<StoredScreen | null> {
    return (await this.#call(keeper.getCheckpoint, { session: key })).checkpoint;
  }

  close(): Promise<void> {
    this.#peer.close();
    return this.#peer.closed.then(() => undefined);
  }

  #call<I, O>(method: MethodContract<I, O>, input: I): Promise<O> {
    return this.#try(this.#peer.request(method, input, { timeoutMs: CALL_MS }));
  }

  async #try<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw translate(error);
    }
  }
}

type InputAccept = { offset: number; received?: number | undefined };

class KeeperInput implements InputPipe {
  readonly offset: number;
  readonly received: number | undefined;
  readonly done: Promise<void>;
  onWritten: (bytes: number) => void = () => undefined;
  readonly #stream: BusStream<InputAccept>;
  #waiting = 0;
  #written = 0;

  constructor(stream: BusStream<InputAccept>) {
    this.#stream = stream;
    this.offset = stream.accepted.offset;
    this.received = stream.accepted.received;
    this.done = stream.done.then(
      () => undefined,
      (error: unknown) => {
        throw translate(error);
      },
    );
    // Whoever does not wait for the end must not be told of it as an unhandled rejection.
    this.done.catch(() => undefined);
    stream.onAcknowledged = () => this.#acknowledged();
  }

  write(chunk: Uint8Array): void {
    this.#waiting += chunk.length;
    if (this.#waiting > INPUT_WINDOW_BYTES + chunk.length) {
      const reason = `${this.#waiting} bytes of input wait, at most ${INPUT_WINDOW_BYTES} may`;
      this.#stream.reset({ code: BusCode.limit, message: reason });
      return;
    }
    // A pipe that ended rejects its writes; `done` tells.
    this.#stream.write(chunk).catch(() => undefined);
  }

  close(): void {
    this.#stream.end();
  }

  #acknowledged(): void {
    const bytes = this.#stream.acknowledgedBytes - this.#written;
    this.#written += bytes;
    this.#waiting -= bytes;
    this.onWritten(bytes);
  }
}

type Row = keeper.SessionRow;

function readRow(row: Row, heldBy: string): BackendRow {
  return {
    key: row.session,
    pid: row.pid,
    argv: row.argv,
    cwd: row.cwd,
    cols: row.cols,
    rows: row.rows,
    createdMs: row.createdMs,
    exit: row.exit === null ? null : readExit(row.exit),
    tail: row.tail,
    head: row.head,
    read: row.read,
    meta: row.meta,
    heldBy,
  };
}

function readExit(value: unknown): Exit {
  const { code, signal, ranMs } = v.parse(keeper.Exit, value);
  return {
    code,
    ranMs,
    signal: signal === null ? null : (SIGNAL_NAMES.get(signal) ?? `${signal}`),
  };
}

const CODES: Readonly<Record<string, string>> = {
  [keeper.KeeperCode.notFound]: TerminalCode.shellNotFound,
  [keeper.KeeperCode.noFolder]: TerminalCode.noFolder,
  [keeper.KeeperCode.ptyLimit]: TerminalCode.ptyLimit,
  [keeper.KeeperCode.sessionLimit]: TerminalCode.ptyLimit,
  [keeper.KeeperCode.noSuchSession]: TerminalCode.noSuchSession,
  [BusCode.closed]: TerminalCode.keeperAway,
  [BusCode.expired]: TerminalCode.keeperAway,
  [BusCode.down]: TerminalCode.keeperAway,
};

/** The keeper's errors in the words of this actor; others as they are. */
function translate(error: unknown): unknown {
  if (!isBusError(error)) return error;
  const code = CODES[error.code];
  if (code === undefined) return error;
  return new BusError(code, error.message, { data: error.data, cause: error });
}
