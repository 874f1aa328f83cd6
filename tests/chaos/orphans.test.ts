/** No orphans, whoever is killed and whenever. */
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { processDetail } from "../../bus/contracts/hub.ts";
import { fixture, type HubUnderTest, isAlive, QUICK, startHub } from "../system/hub-harness.ts";
import { orphansAtStart, orphansAtWork } from "./hostile/orphan-drills.ts";
import { seedOr } from "./hostile/random.ts";
import { killQuietly } from "./hostile/whole.ts";

// The drills program kills far more.
test.each([
  [orphansAtStart, 10],
  [orphansAtWork, 5],
])("$name: $what", { timeout: 300_000 }, async (drill, count) => {
  const { failures } = await drill.run({
    count,
    seed: seedOr(20_261_122),
    report: (line) =>
      process.env["BULKHEAD_SOAK_WORDS"] === undefined || process.stderr.write(`${line}\n`),
  });
  expect(failures).toEqual([]);
});

const hubs: HubUnderTest[] = [];
const started: number[] = [];
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.end();
  for (const pid of started.splice(0)) killQuietly(pid);
});

const PARENT = { name: "parent", script: fixture("parent"), args: ["apart"] };

async function hubWithGrandchildren(dir?: string): Promise<{
  hub: HubUnderTest;
  actor: number;
  grandchildren: number[];
}> {
  const drill = { timings: QUICK, children: [PARENT] };
  const hub = await startHub(dir === undefined ? { drill } : { drill, dir, hubEpoch: 2 });
  hubs.push(hub);
  const { pid } = await hub.until("parent", "ready");
  const { stderr } = await hub.peer.request(processDetail, { name: "parent" });
  const grandchildren = [...stderr.join("\n").matchAll(/pid=(\d+)/g)].map(([, id]) => Number(id));
  started.push(...grandchildren);
  return { hub, actor: Number(pid), grandchildren };
}

test("a process killed from outside takes its children along, in sessions of their own too", async () => {
  const { hub, actor, grandchildren } = await hubWithGrandchildren();
  expect(grandchildren.filter(isAlive)).toHaveLength(2);
  process.kill(actor, "SIGKILL");
  await hub.until("parent", "ready", (row) => row.epoch === 2);
  await expect.poll(() => grandchildren.filter(isAlive), { timeout: 20_000 }).toEqual([]);
});

test("a new hub ends what processes of the last one left behind, in sessions of their own too", async () => {
  const { hub, grandchildren } = await hubWithGrandchildren();
  hub.process.kill("SIGKILL");
  await expect.poll(() => isAlive(Number(hub.process.pid)), { timeout: 20_000 }).toBe(false);
  const next = await hubWithGrandchildren(join(hub.runtimeDir, ".."));
  expect(grandchildren.filter(isAlive)).toEqual([]);
  expect(next.grandchildren.filter(isAlive)).toHaveLength(2);
});
