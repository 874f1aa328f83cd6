/** What happens to calls while their process is away: the real model actor, killed from outside. */
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { model } from "../../bus/contracts/index.ts";
import { isBusError } from "../../bus/errors.ts";
import { type HubUnderTest, QUICK, startHub } from "./hub-harness.ts";

const SCRIPT = join(resolve(import.meta.dirname, "../.."), "actors/model/main.ts");

let hub: HubUnderTest;
beforeEach(async () => {
  hub = await startHub({
    drill: { timings: QUICK, children: [{ name: "model", script: SCRIPT, delayFirstMs: 600 }] },
  });
  const { pid } = await hub.until("model", "ready");
  // In a drill a SIGKILL from outside is answered by a start without delay.
  process.kill(Number(pid), "SIGABRT");
  await hub.until("model", "backing-off");
});
afterEach(() => hub.end());

test("a call whose rule is hold waits for the next incarnation and is answered by it", async () => {
  const answer = hub.peer.request(model.status, {});
  expect((await hub.row("model")).held).toBe(1);
  expect(await answer).toMatchObject({ built: false });
  expect(await hub.row("model")).toMatchObject({ state: "ready", epoch: 2, held: 0 });
});

test("a call whose rule is fail is answered bus/down at once", async () => {
  const error = await hub.peer.request(model.list, {}).catch((caught: unknown) => caught);
  expect(isBusError(error, "bus/down")).toBe(true);
  expect((await hub.row("model")).state).toBe("backing-off");
});

test("a held call ends at its deadline", async () => {
  const error = await hub.peer
    .request(model.status, {}, { timeoutMs: 100 })
    .catch((caught: unknown) => caught);
  expect(isBusError(error, "bus/expired")).toBe(true);
});

test("an actor that is not built says so to every other call", async () => {
  await hub.until("model", "ready");
  const error = await hub.peer.request(model.list, {}).catch((caught: unknown) => caught);
  expect(isBusError(error, "bus/not-implemented")).toBe(true);
});
