/** `bulkhead guard check PATH [--op read|write]`: what the file guard would decide, and why. Opens nothing. */
import { resolve } from "node:path";
import { check } from "../../contracts/file-guard.ts";
import type { Invocation } from "../arguments.ts";
import { CommandError, Exit, usageError } from "../exit.ts";
import type { Session } from "../session.ts";

/** A question as typed, checked before anything is connected. */
export interface GuardRequest {
  /** Absolute. */
  readonly path: string;
  readonly op: "read" | "write";
}

/** Reads `check PATH [--op read|write]`; a relative path counts from `cwd`. */
export function readGuardRequest(from: Invocation, cwd: string): GuardRequest {
  const [what = "", path = ""] = from.words;
  if (what !== "check") throw usageError(`guard: not an act: ${what} (check)`);
  const op = from.flags.get("op") ?? "read";
  if (op !== "read" && op !== "write") throw usageError(`guard: --op ${op}: must be read or write`);
  return { path: resolve(cwd, path), op };
}

/**
 * Prints the decision.
 * @throws CommandError with exit 3 when a rule closes the path
 */
export async function guard(session: Session, request: GuardRequest): Promise<void> {
  const decided = await session.peer.request(check, request, session.callOptions);
  const { isAllowed, path, denial } = decided;
  if (session.json) session.outJson({ ...request, ...decided });
  else if (denial === null) session.out(`Allowed: ${request.op} ${path}`);
  else {
    session.out(`Denied: ${request.op} ${path} - rule ${denial.rule} (${denial.source})`);
    session.out(denial.why);
    session.out(
      denial.liftable
        ? "You can open it to yourself for 10 minutes."
        : "No setting lifts this rule.",
    );
  }
  if (!isAllowed) throw new CommandError(Exit.denied, `${request.op} ${path} is denied`);
}
