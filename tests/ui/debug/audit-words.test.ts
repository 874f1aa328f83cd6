/** Words of the audit view. */
import { expect, test } from "vitest";
import type { AuditEntry } from "../../../bus/contracts/file-guard.ts";
import {
  endWords,
  headWords,
  verdictWords,
  whatWords,
  whoWords,
} from "../../../ui/state/audit-words.ts";

const ENTRY: AuditEntry = {
  number: 7,
  atMs: 0,
  actor: "mcp",
  principal: "mcp:files",
  op: "read",
  path: "/w/.env",
  decision: "denied",
  rule: "built-in/dotenv",
  says: "",
  hash: "3f2a91c0".padEnd(64, "0"),
};

test("a record says who did what to what, and how it ended", () => {
  expect([whoWords("mcp:files"), whoWords("person"), whoWords("agent")]).toEqual([
    "mcp/files",
    "you",
    "agent",
  ]);
  expect(whatWords(ENTRY)).toBe("/w/.env");
  expect(whatWords({ ...ENTRY, op: "rename", to: "/w/b" })).toBe("/w/.env to /w/b");
  expect(whatWords({ ...ENTRY, op: "command", command: "npm test" })).toBe("npm test");
  const refused = { ...ENTRY, op: "program-read", command: "cat .env" };
  expect(whatWords(refused)).toBe("/w/.env by cat .env");
  expect(endWords(ENTRY)).toBe("built-in/dotenv");
  expect(endWords({ ...ENTRY, rule: "", decision: "allowed", says: "exit code 1" })).toBe(
    "exit code 1",
  );
  expect(endWords({ ...ENTRY, decision: "unknown" })).toContain("killed");
});

test("the head is told by its number and the beginning of its hash", () => {
  expect(headWords({ count: 0, hash: "", problem: "" })).toBe("no record yet");
  expect(headWords({ count: 1, hash: ENTRY.hash, problem: "" })).toBe("1 record, head 3f2a91c0");
  expect(headWords({ count: 1204, hash: ENTRY.hash, problem: "" })).toBe(
    "1,204 records, head 3f2a91c0",
  );
});

test("a verdict begins with whether the log is whole, and names the place where it is not", () => {
  const whole = { isWhole: true, records: 3, first: 1, last: 3, wrong: null, notes: [] };
  expect(verdictWords(whole)).toBe("Whole: 3 records, 1 to 3, each chained to the one before");
  expect(verdictWords({ ...whole, notes: ["no head was kept"] })).toBe(
    "Whole: 3 records, 1 to 3, each chained to the one before; no head was kept",
  );
  expect(verdictWords({ ...whole, records: 0 })).toBe("Whole: there is no record.");
  const wrong = { file: "audit-1.jsonl", line: 2, says: "record 2 was changed" };
  expect(verdictWords({ ...whole, isWhole: false, wrong })).toBe(
    "Not whole: record 2 was changed (audit-1.jsonl, line 2)",
  );
});
