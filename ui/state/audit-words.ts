/** Words of the audit view. Pure. */
import type { AuditDecision, AuditEntry, AuditHead } from "../../bus/contracts/file-guard.ts";
import { counted } from "./words.ts";

/** Principals a list can be narrowed to: the value that is asked for, and its name. */
export const PRINCIPALS: ReadonlyArray<readonly [value: string, name: string]> = [
  ["", "Everyone"],
  ["agent", "Agent"],
  ["mcp:", "MCP servers"],
  ["person", "You"],
];
/** The same for decisions. */
export const DECISIONS: ReadonlyArray<readonly [value: AuditDecision | "", name: string]> = [
  ["", "All"],
  ["denied", "Denied"],
  ["allowed", "Allowed"],
  ["failed", "Failed"],
  ["unknown", "Unknown"],
];

/** `agent`, `mcp/files`, `you`. */
export function whoWords(principal: string): string {
  if (principal === "person") return "you";
  return principal.replace(/^mcp:/, "mcp/");
}

/** What was done, to what: `rename a.ts to b.ts`, a command's words. */
export function whatWords({ op, command, path, to }: AuditEntry): string {
  // What a program was refused is a file; the command only says by whom it was asked for.
  if (op.startsWith("program-")) return command === undefined ? path : `${path} by ${command}`;
  if (command !== undefined) return command;
  return to === undefined ? path : `${path} to ${to}`;
}

/** How it ended: the rule of a denial, the code of a failure. */
export function endWords({ decision, rule, says }: AuditEntry): string {
  if (decision === "unknown") return "the guard was killed before it could say";
  return [rule, says].filter((word) => word !== "").join(", ");
}

/** `1,204 records, head 3f2a91c0`. */
export function headWords({ count, hash }: AuditHead): string {
  if (count === 0) return "no record yet";
  return `${counted(count, "record").replace(/^\d+/, count.toLocaleString("en-US"))}, head ${hash.slice(0, 8)}`;
}

/** `Whole: 1,204 records from 1 to 1,204`; what is wrong first, with where. */
export function verdictWords(verdict: {
  readonly isWhole: boolean;
  readonly records: number;
  readonly first: number;
  readonly last: number;
  readonly wrong: { readonly file: string; readonly line: number; readonly says: string } | null;
  readonly notes: readonly string[];
}): string {
  const { isWhole, records, first, last, wrong, notes } = verdict;
  if (wrong !== null) return `Not whole: ${wrong.says} (${wrong.file}, line ${wrong.line})`;
  if (!isWhole) return "Not whole.";
  if (records === 0) return "Whole: there is no record.";
  const number = (count: number): string => count.toLocaleString("en-US");
  const whole = `Whole: ${number(records)} records, ${number(first)} to ${number(last)}, each chained to the one before`;
  return [whole, ...notes].join("; ");
}
