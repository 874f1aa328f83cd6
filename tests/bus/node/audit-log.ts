/** Audit logs made by hand, record by record, as the file guard writes them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../../bus/node/audit/lines.ts";

/** Where a made chain ends. */
export interface MadeHead {
  readonly count: number;
  readonly hash: string;
}

/** Lines of `whats`, chained from `head` on. */
export function chain(
  whats: ReadonlyArray<Readonly<Record<string, unknown>>>,
  head: MadeHead = { count: 0, hash: "" },
): { readonly lines: string[]; readonly head: MadeHead } {
  const lines: string[] = [];
  let { count, hash } = head;
  for (const what of whats) {
    count += 1;
    const body = JSON.stringify({ n: count, at: 1_764_108_000_000 + count, ...what, prev: hash });
    const open = body.slice(0, -1);
    hash = sha256(Buffer.from(open));
    lines.push(`${open},"hash":"${hash}"}`);
  }
  return { lines, head: { count, hash } };
}

/** A record that says something. */
export const intent = (path: string): Record<string, unknown> => ({
  kind: "intent",
  actor: "model",
  principal: "agent",
  op: "read",
  path,
});

export const number16 = (first: number): string => `audit-${String(first).padStart(16, "0")}.jsonl`;

/** Files by the number of their first record. */
export function writeLog(files: ReadonlyMap<number, string>): {
  readonly folder: string;
  remove(): void;
} {
  const top = mkdtempSync(join(tmpdir(), "bulkhead-audit-"));
  const folder = join(top, "audit");
  mkdirSync(folder);
  for (const [first, text] of files) writeFileSync(join(folder, number16(first)), text);
  return { folder, remove: () => rmSync(top, { recursive: true, force: true }) };
}
