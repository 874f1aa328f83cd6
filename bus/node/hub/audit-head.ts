/**
 * The head of the audit log as the hub remembers it, apart from the log: whoever cuts the log's end would have to
 * change this file too, and no actor but the hub can write it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { auditHead } from "../../contracts/file-guard.ts";
import { auditVerify } from "../../contracts/hub.ts";
import { type KnownHead, verifyAudit } from "../audit/verify.ts";
import type { NoticeDraft } from "./notices.ts";
import type { HubParts } from "./parts.ts";

const Kept = v.object({ count: v.number(), hash: v.string() });

/** Keeps the head that the file guard tells, and looks through the log when asked. */
export function keepAuditHead(
  { peer, options: { stateDir }, files, log }: HubParts,
  tell: (notice: NoticeDraft) => void,
): void {
  const file = auditHeadFile(stateDir);
  let kept = readAuditHead(stateDir);
  let problem = "";
  peer.subscribe(auditHead, (head) => {
    if (head.problem !== problem) {
      problem = head.problem;
      tell(problem === "" ? auditBack() : auditTrouble(problem));
    }
    // A guard that cannot read its log tells a shorter one: what was seen is not forgotten for it.
    if (head.count <= (kept?.count ?? 0)) return;
    kept = { count: head.count, hash: head.hash };
    try {
      files.write(file, `${JSON.stringify(kept)}\n`);
    } catch (error) {
      log.write("hub", `warn head of the audit log: ${String(error)}`);
    }
  });
  peer.handle(auditVerify, async () => {
    const verdict = await verifyAudit(join(stateDir, "audit"), kept);
    return { ...verdict, notes: verdict.notes.slice(0, 100) };
  });
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

function auditBack(): NoticeDraft {
  return {
    ...NOTICE,
    level: "ok",
    title: "The audit log is written again",
    text: "The agent and servers may work with files again.",
  };
}
