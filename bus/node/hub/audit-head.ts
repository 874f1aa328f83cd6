/**
 * The head of the audit log as the hub remembers it, apart from the log: whoever cuts the log's end would have to
 * change this file too, and no actor but the hub can write it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type AuditHead, auditHead } from "../../contracts/file-guard.ts";
import { auditVerify } from "../../contracts/hub.ts";
import { hasRecord } from "../audit/files.ts";
import { type KnownHead, verifyAudit } from "../audit/verify.ts";
import type { NoticeDraft } from "./notices.ts";
import type { HubParts } from "./parts.ts";

const Head = v.object({ count: v.number(), hash: v.string() });
const Kept = v.object({ ...Head.entries, lost: v.optional(Head) });
type ToldHead = v.InferOutput<typeof AuditHead>;

/** What is needed of the hub. */
export type AuditHeadParts = Pick<HubParts, "peer" | "files"> & {
  readonly options: Pick<HubParts["options"], "stateDir">;
  readonly log: Pick<HubParts["log"], "write">;
};

/** Keeps the head that the file guard tells, and looks through the log when asked. */
export function keepAuditHead(parts: AuditHeadParts, tell: (notice: NoticeDraft) => void): void {
  const { peer, options } = parts;
  const keeper = new HeadKeeper(parts, () => tell(auditCut()));
  let problem = "";
  peer.subscribe(auditHead, (head) => {
    if (head.problem !== problem) {
      problem = head.problem;
      tell(problem === "" ? auditBack() : auditTrouble(problem));
    }
    keeper.take(head);
  });
  peer.handle(auditVerify, async () => {
    const verdict = await verifyAudit(join(options.stateDir, "audit"), keeper.kept);
    return { ...verdict, notes: verdict.notes.slice(0, 100) };
  });
}

/**
 * Goes from head to head, and each time makes sure that the one before is still in the log: a log that was cut and then
 * grew past it would look whole otherwise.
 */
class HeadKeeper {
  readonly #parts: AuditHeadParts;
  readonly #onLost: () => void;
  #kept: KnownHead | undefined;
  /** The newest that was told while another one was looked at. */
  #next: ToldHead | undefined;
  #isLooking = false;

  constructor(parts: AuditHeadParts, onLost: () => void) {
    this.#parts = parts;
    this.#onLost = onLost;
    this.#kept = readAuditHead(parts.options.stateDir);
  }

  get kept(): KnownHead | undefined {
    return this.#kept;
  }

  take(head: ToldHead): void {
    this.#next = head;
    if (!this.#isLooking) void this.#lookAtAll();
  }

  async #lookAtAll(): Promise<void> {
    this.#isLooking = true;
    for (let head = this.#next; head !== undefined; head = this.#next) {
      this.#next = undefined;
      await this.#lookAt(head);
    }
    this.#isLooking = false;
  }

  async #lookAt({ count, hash, problem }: ToldHead): Promise<void> {
    const kept = this.#kept;
    if (kept === undefined) {
      if (count > 0) this.#keep({ count, hash });
      return;
    }
    if (count === kept.count && hash === kept.hash) return;
    // A guard that cannot read its log tells a shorter one: what was seen is not forgotten for it.
    if (count <= kept.count && problem !== "") return;
    const isLost = kept.lost === undefined && !(await this.#isThere(kept));
    const lost = isLost ? { count: kept.count, hash: kept.hash } : kept.lost;
    // Of two guards that take turns, the first may tell its head last.
    const head = count > kept.count ? { count, hash } : { count: kept.count, hash: kept.hash };
    if (isLost) this.#onLost();
    if (isLost || head.count > kept.count) {
      this.#keep({ ...head, ...(lost === undefined ? {} : { lost }) });
    }
  }

  /** A log that cannot be read has lost nothing yet. */
  async #isThere(kept: KnownHead): Promise<boolean> {
    try {
      return await hasRecord(join(this.#parts.options.stateDir, "audit"), kept);
    } catch (error) {
      this.#parts.log.write("hub", `warn the audit log cannot be looked at: ${String(error)}`);
      return true;
    }
  }

  #keep(kept: KnownHead): void {
    const { files, log, options } = this.#parts;
    this.#kept = kept;
    try {
      files.write(auditHeadFile(options.stateDir), `${JSON.stringify(kept)}\n`);
    } catch (error) {
      log.write("hub", `warn head of the audit log: ${String(error)}`);
    }
  }
}

/** Where the hub keeps it. */
export function auditHeadFile(stateDir: string): string {
  return join(stateDir, "audit-head.json");
}

/** What was kept, undefined when nothing was. */
export function readAuditHead(stateDir: string): KnownHead | undefined {
  try {
    return v.parse(Kept, JSON.parse(readFileSync(auditHeadFile(stateDir), "utf8")));
  } catch {
    return undefined;
  }
}

const NOTICE = {
  kind: "denied",
  process: "file-guard",
  crash: null,
  durationMs: null,
  repeats: 0,
} as const;

function auditTrouble(why: string): NoticeDraft {
  return {
    ...NOTICE,
    level: "error",
    title: "The audit log cannot be written",
    text: `${why}. The agent and servers may do nothing with files until it can; you go on as before.`,
  };
}

function auditCut(): NoticeDraft {
  return {
    ...NOTICE,
    level: "error",
    title: "The audit log was changed from outside",
    text: "Records that had been written are not in it any more. `bulkhead audit verify` tells which.",
  };
}

function auditBack(): NoticeDraft {
  return {
    ...NOTICE,
    level: "ok",
    title: "The audit log is written again",
    text: "The agent and servers may work with files again.",
  };
}
