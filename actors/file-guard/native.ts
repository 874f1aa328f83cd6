/** The addon as a function that returns promises. The only file that knows what crosses into Rust. */
import { BusError } from "../../bus/errors.ts";

/** On whose behalf, and which peer asked. Both stamped by the hub. */
export interface Asker {
  readonly principal: string;
  readonly actor: string;
}

/** A request as Rust reads it, by its `op`. */
export type NativeRequest = Readonly<{ op: string } & Record<string, unknown>>;

/** What travels beside a request. */
export interface Around {
  readonly path?: Uint8Array;
  readonly to?: Uint8Array;
  readonly bytes?: Uint8Array;
  /** Aborting stops the work at its next step. */
  readonly signal?: AbortSignal;
  /** Gets parts of the answer before the answer. */
  readonly onPart?: (part: NativeReply) => void;
}

/** A JSON value, not yet validated, and bytes where the request gives some. */
export interface NativeReply {
  readonly value: unknown;
  readonly bytes: Uint8Array | undefined;
}

/** A live watch. */
export interface NativeWatch {
  end(): void;
}

/** The guard of this process. Lives as long as it. */
export interface NativeGuard {
  /** Rejects with a `BusError` of a `file-guard/...` code. */
  ask(request: NativeRequest, asker: Asker, around?: Around): Promise<NativeReply>;
  /** Calls `onChange` after changes in a folder, until ended. */
  watch(
    path: Uint8Array,
    asker: Asker,
    onChange: (part: NativeReply) => void,
  ): Promise<NativeWatch>;
  /** Reads the policy files again. Throws, and keeps the rules in force, when one is wrong. */
  reload(): void;
}

interface Addon {
  submit(
    id: number,
    asked: string,
    path: Uint8Array,
    rest?: { to?: Uint8Array; bytes?: Uint8Array },
  ): void;
  cancel(id: number): void;
  watch(id: number, principal: string, actor: string, path: Uint8Array): void;
  unwatch(id: number): void;
  reload(): void;
}

type Door = (id: number, kind: number, json: string, bytes: Uint8Array | null) => void;
interface AddonModule {
  readonly NativeGuard: { load(variables: string, door: Door): Addon };
}

interface Waiting {
  readonly settle: PromiseWithResolvers<NativeReply>;
  readonly onPart: ((part: NativeReply) => void) | undefined;
}

const DONE = 0;
const PART = 2;
const IDS = 2 ** 32;
const NO_PATH = new Uint8Array(0);

/**
 * Loads the addon from `file` and proves that its wall is up.
 * @throws BusError `file-guard/policy` or `file-guard/not-serving`
 */
export function loadNativeGuard(
  file: string,
  variables: Readonly<Record<string, string>>,
): NativeGuard {
  // Not by require, which looks for a package.json in every folder above: those are closed to this process.
  const loaded: { exports: Partial<AddonModule> } = { exports: {} };
  process.dlopen(loaded, file);
  const { NativeGuard } = loaded.exports;
  if (NativeGuard === undefined) throw new Error(`${file} is not the addon of the file guard`);
  const waiting = new Map<number, Waiting>();
  const door: Door = (id, kind, json, bytes) => {
    const entry = waiting.get(id);
    if (entry === undefined) return;
    const value: unknown = JSON.parse(json);
    if (kind === PART) {
      entry.onPart?.({ value, bytes: bytes ?? undefined });
      return;
    }
    waiting.delete(id);
    if (kind === DONE) entry.settle.resolve({ value, bytes: bytes ?? undefined });
    else entry.settle.reject(toBusError(value));
  };
  const addon = translated(() => NativeGuard.load(JSON.stringify(variables), door));
  return bind(addon, waiting);
}

function bind(addon: Addon, waiting: Map<number, Waiting>): NativeGuard {
  let last = 0;
  const nextId = (): number => {
    do last = (last + 1) % IDS;
    while (waiting.has(last));
    return last;
  };
  const ask = async (
    request: NativeRequest,
    { principal, actor }: Asker,
    around: Around = {},
  ): Promise<NativeReply> => {
    const { path = NO_PATH, to, bytes, signal } = around;
    signal?.throwIfAborted();
    const id = nextId();
    const settle = Promise.withResolvers<NativeReply>();
    const rest = {
      ...(to === undefined ? {} : { to }),
      ...(bytes === undefined ? {} : { bytes }),
    };
    waiting.set(id, { settle, onPart: around.onPart });
    const cancel = () => addon.cancel(id);
    signal?.addEventListener("abort", cancel);
    try {
      translated(() => addon.submit(id, JSON.stringify({ principal, actor, request }), path, rest));
      return await settle.promise;
    } finally {
      waiting.delete(id);
      signal?.removeEventListener("abort", cancel);
    }
  };
  const watch: NativeGuard["watch"] = async (path, { principal, actor }, onChange) => {
    const id = nextId();
    const settle = Promise.withResolvers<NativeReply>();
    waiting.set(id, { settle, onPart: onChange });
    const end = () => {
      addon.unwatch(id);
      waiting.delete(id);
    };
    try {
      translated(() => addon.watch(id, principal, actor, path));
      await settle.promise;
    } catch (error) {
      end();
      throw error;
    }
    // The answer took the entry away; the parts that follow need it.
    waiting.set(id, { settle, onPart: onChange });
    return { end };
  };
  return { ask, watch, reload: () => translated(() => addon.reload()) };
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("{")) throw error;
    throw toBusError(JSON.parse(error.message));
  }
}

function toBusError(value: unknown): BusError {
  const { code, message, data } = value as { code: string; message: string; data: unknown };
  return new BusError(code, message, data === null ? {} : { data });
}
