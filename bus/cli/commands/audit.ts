/**
 * `bulkhead audit verify [--state-dir DIR]`: looks through the audit log. Exit 0: every record is there, unchanged and in
 * its place; 1: the first that is not is printed.
 */
import { join, resolve } from "node:path";
import { auditVerify } from "../../contracts/hub.ts";
import { type AuditVerdict, verifyAudit } from "../../node/audit/verify.ts";
import { readAuditHead } from "../../node/hub/audit-head.ts";
import type { Invocation } from "../arguments.ts";
import { CommandError, Exit, usageError } from "../exit.ts";
import { toJsonLine } from "../json.ts";
import type { Session } from "../session.ts";
import type { Surroundings } from "../surroundings.ts";

/** A log of many files is read whole. */
const VERIFY_MS = 120_000;

/** Where the log lies: `stateDir` undefined is that of the running instance. */
export interface AuditRequest {
  readonly stateDir: string | undefined;
}

/** Reads `verify [--state-dir DIR]`. */
export function readAuditRequest(from: Invocation, cwd: string): AuditRequest {
  const [what = ""] = from.words;
  if (what !== "verify") throw usageError(`audit: not an act: ${what} (verify)`);
  const stateDir = from.flags.get("state-dir");
  return { stateDir: typeof stateDir === "string" ? resolve(cwd, stateDir) : undefined };
}

/**
 * Asks the running instance's hub.
 * @throws CommandError with exit 1 when the log is not whole
 */
export async function audit(session: Session): Promise<void> {
  const options = { ...session.callOptions, timeoutMs: VERIFY_MS };
  tell(session, await session.peer.request(auditVerify, {}, options));
}

/**
 * Looks through the log of an instance that need not run.
 * @throws CommandError with exit 1 when the log is not whole
 */
export async function auditFolder(
  stateDir: string,
  { json }: { readonly json: boolean },
  world: Surroundings,
): Promise<void> {
  const verdict = await verifyAudit(join(stateDir, "audit"), readAuditHead(stateDir));
  const out = (line: string): void => world.out(line);
  tell({ json, out, outJson: (value) => world.out(toJsonLine(value)) }, verdict);
}

function tell(
  { json, out, outJson }: Pick<Session, "json" | "out" | "outJson">,
  verdict: AuditVerdict,
): void {
  const { wrong, records, first, last, notes } = verdict;
  if (json) outJson(verdict);
  else if (wrong === null) {
    out(
      records === 0
        ? "Whole: the audit log is empty."
        : `Whole: ${records} records, ${first} to ${last}.`,
    );
    for (const note of notes) out(`Note: ${note}.`);
  } else {
    out(`Broken at record ${wrong.number}: ${wrong.says}.`);
    out(`${wrong.file}${wrong.line === 0 ? "" : `, line ${wrong.line}`}`);
  }
  if (wrong !== null)
    throw new CommandError(Exit.failed, `the audit log is not whole: ${wrong.says}`);
}
