/** The banner of a file guard that refuses to start. */
import { expect, test } from "vitest";
import type { ProcessRow } from "../../../bus/contracts/hub.ts";
import { processBanner } from "../../../ui/state/banners.ts";

const ROW: ProcessRow = {
  name: "file-guard",
  kind: "actor",
  parent: "hub",
  state: "parked",
  pid: null,
  epoch: 1,
  restarts: 0,
  reason: "",
  why: "it says that starting again cannot help",
  rssBytes: null,
  pssBytes: null,
  mailbox: 0,
  held: 0,
  uptimeMs: null,
  cpuPercent: null,
  lagMs: null,
  retryAtMs: null,
  sinceMs: 0,
  callsInFlight: 0,
  sandbox: "",
  acts: [],
};

test("a policy that cannot be used is named with its line, and can be opened", () => {
  const reason =
    'exit code 78: start failed: PermanentError: /home/u/.config/b c/policy.json:12:33: deny: pattern "[!a]" is not supported';
  expect(processBanner({ ...ROW, reason }, 0)).toEqual({
    tone: "error",
    title: 'Files are closed: policy.json line 12, deny: pattern "[!a]" is not supported.',
    text: "",
    acts: ["open-policy", "retry"],
    file: { path: "/home/u/.config/b c/policy.json", line: 12 },
  });
});

test("any other end of it, and of others, is told as ever", () => {
  const other = processBanner({ ...ROW, reason: "exit code 78: no wall" }, 0);
  expect([other?.title.startsWith("files stopped"), other?.acts]).toEqual([
    true,
    ["retry", "details"],
  ]);
  const reason = "PermanentError: /x/policy.json:1:1: y";
  expect(processBanner({ ...ROW, name: "model", reason }, 0)?.acts).toEqual(["retry", "details"]);
});
