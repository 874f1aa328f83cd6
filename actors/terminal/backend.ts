/** What the terminal actor needs of whoever holds the shells: the keeper, or node-pty inside this process. */
import type { Exit } from "../../bus/contracts/terminal.ts";

/** A session as its holder knows it. Offsets are absolute bytes of output since it started. */
export interface BackendRow {
  /** The holder's own id; never shown to a person. */
  readonly key: string;
  readonly pid: number;
  readonly argv: readonly string[];
  /** Folder of the shell as the kernel tells it; empty when unknown. */
  readonly cwd: string;
  readonly cols: number;
  readonly rows: number;
  /** Wall clock, milliseconds since 1970. */
  readonly createdMs: number;
  /** Null while it runs. */
  readonly exit: Exit | null;
  /** Oldest byte that can still be had, and one past the newest. */
  readonly tail: number;
  readonly head: number;
  /** Output up to here had been taken by an earlier reader; undefined when the holder does not know. */
  readonly read: number | undefined;
  readonly meta: Uint8Array;
  /** Version of the Bulkhead whose keeper holds it, when that is another than ours; else empty. */
  readonly heldBy: string;
}

/** How a session starts. */
export interface SpawnPlan {
  /** Absolute program and its arguments. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  /** At most META_BYTES_MAX. */
  readonly meta: Uint8Array;
}

/** One screen that the holder keeps for the next incarnation of this actor. */
export interface StoredScreen {
  readonly offset: number;
  readonly cols: number;
  readonly rows: number;
  /** At most CHECKPOINT_BYTES_MAX. */
  readonly blob: Uint8Array;
}

/** Output of one session as it comes. The taker grants what it has consumed. */
export interface OutputPipe {
  /** Absolute offset of the first byte that comes. */
  readonly offset: number;
  /** Chunks in order, at most OUTPUT_WINDOW_BYTES not yet consumed. Set once, at once. */
  onChunk(handler: (chunk: Uint8Array) => void): void;
  consumed(bytes: number): void;
  /** Settles after the last byte: with the exit, or rejected when the holder ended the pipe. */
  readonly done: Promise<Exit>;
}

/** Input of one writer of one session, numbered from 0 over all pipes of that writer. */
export interface InputPipe {
  /** Bytes of this writer that had reached the terminal when the pipe opened. */
  readonly offset: number;
  /** Those and what was queued for it by then; undefined where the holder does not tell. */
  readonly received: number | undefined;
  /** Queues bytes; at most INPUT_WINDOW_BYTES may wait unacknowledged. */
  write(chunk: Uint8Array): void;
  /** Called with the count of bytes that have reached the terminal since the last call. */
  onWritten: (bytes: number) => void;
  /** Rejects when the holder ended the pipe; never resolves before `close`. */
  readonly done: Promise<void>;
  close(): void;
}

/** Holder of sessions. Methods reject with BusErrors of TerminalCode. */
export interface Backend {
  readonly name: "keeper" | "node-pty";
  list(): Promise<readonly BackendRow[]>;
  create(plan: SpawnPlan): Promise<{ readonly key: string; readonly pid: number }>;
  /** A second one for the same session ends the first. */
  attach(key: string, offset: number): Promise<OutputPipe>;
  /** A second one for the same writer ends the first: nothing it still writes arrives. */
  input(key: string, writer: string): Promise<InputPipe>;
  resize(key: string, cols: number, rows: number): Promise<void>;
  /** HUP to the session, KILL to what is left after `graceMs`. Resolves when that is under way. */
  end(key: string, graceMs: number): Promise<void>;
  /** Drops an ended session. */
  forget(key: string): Promise<void>;
  setMeta(key: string, meta: Uint8Array): Promise<void>;
  putScreen(key: string, screen: StoredScreen): Promise<void>;
  getScreen(key: string): Promise<StoredScreen | null>;
  /** Settles when the holder is gone, with the reason. */
  readonly lost: Promise<string>;
  /** Lets go of everything. The keeper's shells live on, those of node-pty end. */
  close(): Promise<void>;
}

/** Output on its way to the fastest visible view of a session, bytes. The only buffer of the credit loop. */
export const OUTPUT_WINDOW_BYTES = 128 * 1024;
/** Input of one writer on its way to the terminal, bytes. */
export const INPUT_WINDOW_BYTES = 64 * 1024;
/** What the keeper stores of a session's meta, bytes. */
export const META_BYTES_MAX = 16 * 1024;
/** What the keeper stores of a session's screen, bytes. */
export const CHECKPOINT_BYTES_MAX = 512 * 1024;
