/** The person's files as this actor reaches them: by calls to the file guard, on behalf of whoever has them open. */
import { safeParse } from "valibot";
import * as guard from "../../bus/contracts/file-guard.ts";
import { widen } from "../../bus/contracts/hub.ts";
import { BusCode, isBusError } from "../../bus/errors.ts";
import type { BusStream, CallContext, Peer } from "../../bus/peer.ts";
import type { Principal } from "../../bus/protocol.ts";

/** A file read in one go. */
export interface ReadFile {
  readonly stat: guard.Stat;
  /** Undefined when the file is larger than was asked for. */
  readonly bytes: Uint8Array | undefined;
}

/** A file that changes while it is read is read again this often. */
const READS_MAX = 4;
/** A file outside the workspace, which a person had opened. */
const OUTSIDE = "built-in/outside-workspace";
const NEVER = new AbortController().signal;

/**
 * A context for calls that nobody waits for, on behalf of someone who has a view open. Undefined: the actor for itself,
 * for whom no grant counts.
 */
export function actingFor(principal: Principal | undefined): CallContext | undefined {
  if (principal === undefined) return undefined;
  const none = { trace: undefined, source: "", subject: "" };
  return { ...none, principal, signal: NEVER, remainingMs: () => Number.POSITIVE_INFINITY };
}

/** All errors are those of the file guard. */
export class GuardedFiles {
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  stat(path: string, as: CallContext | undefined): Promise<guard.Stat> {
    return this.#peer.request(guard.stat, { path }, within(as));
  }

  /** Reads a whole file of at most `bytesMax`. What was read is one state of it, not parts of two. */
  async read(path: string, bytesMax: number, as: CallContext | undefined): Promise<ReadFile> {
    for (let round = 1; ; round++) {
      const found = await this.#readOnce(path, bytesMax, as);
      if (found.bytes === undefined) return found;
      const now = await this.stat(path, as);
      if (now.stamp === found.stat.stamp || round >= READS_MAX) return found;
    }
  }

  readRange(
    path: string,
    range: { readonly offset: number; readonly length: number },
    as: CallContext | undefined,
  ): Promise<{ bytes: Uint8Array; stat: guard.Stat }> {
    return this.#peer.request(guard.read, { path, ...range }, within(as));
  }

  async save(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    expect: string,
    as: CallContext | undefined,
  ): Promise<guard.Stat> {
    const input = { path, bytes, expect, mayCreate: false };
    return (await this.#peer.request(guard.save, input, within(as))).stat;
  }

  /**
   * Makes a file where none is, whole or not at all.
   * @param mode of the file that was there; its permission bits are kept
   * @throws BusError `file-guard/exists`
   */
  async create(
    path: string,
    { bytes, mode }: { readonly bytes: Uint8Array<ArrayBuffer>; readonly mode: number },
    as: CallContext | undefined,
  ): Promise<guard.Stat> {
    const input = { path, bytes, mode: mode & 0o777 };
    return (await this.#peer.request(guard.createFile, input, within(as))).stat;
  }

  /** Whether no rule closes it to the actor by itself, without anyone's grant: only then may it be written down. */
  async isOpenToAll(path: string): Promise<boolean> {
    const { isAllowed, denial } = await this.#peer.request(guard.check, { path, op: "read" });
    // Decided last: what is closed for what it is says so before.
    return isAllowed || denial?.rule === OUTSIDE;
  }

  /**
   * Has a file outside the workspace opened to the person.
   * @returns its real path, by which it is called from now on
   * @throws BusError `hub/not-widened` with the reason
   */
  async widen(path: string, as: CallContext): Promise<string> {
    return (await this.#peer.request(widen, { path }, within(as))).path;
  }

  /** Names in a folder. */
  async names(folder: string, as: CallContext | undefined): Promise<readonly guard.Entry[]> {
    return (await this.#peer.request(guard.list, { path: folder }, within(as))).entries;
  }

  /** A file from one opening of it. The caller ends the stream. */
  content(path: string, as: CallContext | undefined): Promise<BusStream<{ stat: guard.Stat }>> {
    return this.#peer.open(guard.content, { path }, within(as));
  }

  watch(folder: string, as: CallContext | undefined): Promise<BusStream<object>> {
    return this.#peer.open(guard.watch, { path: folder }, within(as));
  }

  async #readOnce(path: string, bytesMax: number, as: CallContext | undefined): Promise<ReadFile> {
    const stream = await this.content(path, as);
    const { stat } = stream.accepted;
    if (stat.size > bytesMax) {
      stream.reset({ code: BusCode.cancelled, message: "larger than was asked for" });
      return { stat, bytes: undefined };
    }
    stream.end();
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of stream) {
      // A copy: chunks are parts of buffers that many frames share.
      chunks.push(Uint8Array.from(chunk));
      length += chunk.length;
      if (length > bytesMax) return { stat, bytes: undefined };
    }
    return { stat, bytes: Buffer.concat(chunks, length) };
  }
}

/** Whether there is no such file (any more). */
export function isAbsence(error: unknown): boolean {
  return isBusError(error, "file-guard/not-found");
}

/** Whether a rule closes it to the caller. */
export function isDenial(error: unknown): boolean {
  return isBusError(error, "file-guard/denied");
}

/** Whether it lies outside the workspace, and nothing else is against it: a person may have it opened. */
export function isOutside(error: unknown): boolean {
  if (!isBusError(error, "file-guard/denied")) return false;
  const denial = safeParse(guard.Denial, error.data);
  return denial.success && denial.output.rule === OUTSIDE;
}

function within(as: CallContext | undefined): { within?: CallContext } {
  return as === undefined ? {} : { within: as };
}
