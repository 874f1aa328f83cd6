/**
 * All keepers as one holder of sessions: ours takes new shells; those that other versions of Bulkhead have left keep
 * theirs, which are used like our own until they have ended.
 */
import { TerminalCode } from "../../bus/contracts/terminal.ts";
import { BusError, isBusError } from "../../bus/errors.ts";
import type { Logger } from "../runtime/index.ts";
import type {
  Backend,
  BackendRow,
  InputPipe,
  OutputPipe,
  SpawnPlan,
  StoredScreen,
} from "./backend.ts";

/** A keeper of another major. */
export interface OtherKeeper {
  readonly major: number;
  readonly backend: Backend;
}

/** Between the major of another keeper and its own key in the keys given out; no keeper's own key has one. */
const SEPARATOR = "/";

/** Routes every call to the keeper that holds the session. `lost` is about ours; of others only their sessions go. */
export class Keepers implements Backend {
  readonly name = "keeper";
  readonly lost: Promise<string>;
  readonly #ours: Backend;
  readonly #log: Logger;
  readonly #others = new Map<string, Backend>();

  constructor(ours: Backend, log: Logger) {
    this.#ours = ours;
    this.#log = log;
    this.lost = ours.lost;
  }

  /** Adds the keeper of another major. */
  join({ major, backend }: OtherKeeper): void {
    const name = `${major}`;
    this.#others.set(name, backend);
    void backend.lost.then((reason) => {
      this.#others.delete(name);
      this.#log.info(`the link to the keeper of version ${name} ended: ${reason}`);
    });
  }

  async list(): Promise<readonly BackendRow[]> {
    const others = [...this.#others.keys()].map((name) => this.#rowsOf(name));
    return (await Promise.all([this.#ours.list(), ...others])).flat();
  }

  /** The sessions of one other keeper; none when it does not say or has not joined. */
  listOther(major: number): Promise<readonly BackendRow[]> {
    return this.#rowsOf(`${major}`);
  }

  create(plan: SpawnPlan): Promise<{ readonly key: string; readonly pid: number }> {
    return this.#ours.create(plan);
  }

  async attach(key: string, offset: number): Promise<OutputPipe> {
    const at = this.#find(key);
    const pipe = await at.backend.attach(at.key, offset);
    return at.isOurs ? pipe : { ...pipe, done: goneWith(pipe.done) };
  }

  input(key: string, writer: string): Promise<InputPipe> {
    const at = this.#find(key);
    return at.backend.input(at.key, writer);
  }

  resize(key: string, cols: number, rows: number): Promise<void> {
    const at = this.#find(key);
    return at.backend.resize(at.key, cols, rows);
  }

  end(key: string, graceMs: number): Promise<void> {
    const at = this.#find(key);
    return at.backend.end(at.key, graceMs);
  }

  async forget(key: string): Promise<void> {
    const at = this.#find(key);
    await at.backend.forget(at.key);
    // A keeper stays as long as it has a client: with its last session ours goes too.
    if (!at.isOurs && (await at.backend.list()).length === 0) await at.backend.close();
  }

  setMeta(key: string, meta: Uint8Array): Promise<void> {
    const at = this.#find(key);
    return at.backend.setMeta(at.key, meta);
  }

  putScreen(key: string, screen: StoredScreen): Promise<void> {
    const at = this.#find(key);
    return at.backend.putScreen(at.key, screen);
  }

  getScreen(key: string): Promise<StoredScreen | null> {
    const at = this.#find(key);
    return at.backend.getScreen(at.key);
  }

  async close(): Promise<void> {
    await Promise.all([this.#ours, ...this.#others.values()].map((backend) => backend.close()));
  }

  /** One that does not answer keeps nobody else's shells away. */
  async #rowsOf(major: string): Promise<BackendRow[]> {
    try {
      const rows = (await this.#others.get(major)?.list()) ?? [];
      return rows.map((row) => ({ ...row, key: `${major}${SEPARATOR}${row.key}` }));
    } catch (error) {
      this.#log.warn(`the shells of keeper ${major} are left out: ${String(error)}`);
      return [];
    }
  }

  #find(key: string): { backend: Backend; key: string; isOurs: boolean } {
    const at = key.indexOf(SEPARATOR);
    if (at < 0) return { backend: this.#ours, key, isOurs: true };
    const backend = this.#others.get(key.slice(0, at));
    if (backend !== undefined) return { backend, key: key.slice(at + 1), isOurs: false };
    throw gone(key);
  }
}

/** Without our own keeper this process ends and is started again; with another one only its sessions are gone. */
function goneWith<T>(done: Promise<T>): Promise<T> {
  const told = done.catch((error: unknown) => {
    throw isBusError(error, TerminalCode.keeperAway) ? gone(error.message) : error;
  });
  // Whoever does not wait for the end must not be told of it as an unhandled rejection.
  told.catch(() => undefined);
  return told;
}

function gone(what: string): BusError {
  return new BusError(TerminalCode.noSuchSession, `its keeper is gone: ${what}`);
}
