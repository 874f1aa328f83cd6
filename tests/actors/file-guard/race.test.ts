/** A process that swaps a file for a symlink to a secret, for seconds, while the agent reads: over the bus, not one leak. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import * as contract from "../../../bus/contracts/file-guard.ts";
import type { Peer } from "../../../bus/peer.ts";
import { openGuard, type RealGuard, SECRET } from "./real-guard.ts";

const RACE_MS = 3_000;
/** A naive guard is fooled within this time, or the race proves nothing. */
const NAIVE_MS = 20_000;

/** Turns `swapped` from a file into a symlink and back, as fast as it can. */
const SWAPPER = `
const fs = require("node:fs");
process.stdout.write("up");
for (;;) {
  fs.symlinkSync(".env", "next");
  fs.renameSync("next", "swapped");
  fs.writeFileSync("next", "plain words\\n");
  fs.renameSync("next", "swapped");
}
`;

let guard: RealGuard;
let agent: Peer;
let swapper: ChildProcess;
beforeEach(async () => {
  guard = await openGuard();
  agent = await guard.peer("agent");
  guard.write("swapped", "plain words\n");
  swapper = spawn(process.execPath, ["-e", SWAPPER], {
    cwd: guard.workspace,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (swapper.stdout !== null) await once(swapper.stdout, "data");
});
afterEach(async () => {
  const gone = once(swapper, "exit");
  swapper.kill("SIGKILL");
  await gone;
  guard.close();
});

async function look(path: string): Promise<string> {
  const range = { path, offset: 0, length: 100 };
  const asked = agent.request(contract.read, range);
  return asked.then(
    ({ bytes }) => Buffer.from(bytes).toString(),
    (error: { code: string }) => error.code,
  );
}

it("the agent reads the file or is denied, and never the secret", async () => {
  const seen = new Map<string, number>();
  const untilMs = performance.now() + RACE_MS;
  while (performance.now() < untilMs || seen.size < 2) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => look("swapped")));
    for (const answer of answers) seen.set(answer, (seen.get(answer) ?? 0) + 1);
  }
  expect([...seen.keys()].filter((answer) => answer.includes("tres3cret"))).toEqual([]);
  expect(seen.get("plain words\n")).toBeGreaterThan(0);
  expect(seen.get("file-guard/denied")).toBeGreaterThan(0);
});

it("a guard that resolves the path and then opens it is fooled", () => {
  const path = join(guard.workspace, "swapped");
  const naive = (): string => {
    try {
      return realpathSync(path).endsWith(".env") ? "denied" : readFileSync(path, "utf8");
    } catch {
      return "gone";
    }
  };
  const untilMs = performance.now() + NAIVE_MS;
  let isFooled = false;
  while (!isFooled && performance.now() < untilMs) isFooled = naive() === SECRET;
  expect(isFooled).toBe(true);
});
