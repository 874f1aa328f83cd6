/** What is told of files that are open to the person for a while. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Grant, tellGrants } from "../../../actors/file-guard/grants.ts";
import { SimulatedClock } from "../../../bus/clock.ts";
import * as contract from "../../../bus/contracts/file-guard.ts";
import { openGuard, type RealGuard } from "./real-guard.ts";

const MINUTE = 60_000;

let guard: RealGuard;
beforeEach(async () => {
  guard = await openGuard();
});
afterEach(() => guard.close());

test("a grant is told until its time is over or it is ended", () => {
  const clock = new SimulatedClock();
  const told: string[][] = [];
  const wallMs = () => clock.now();
  const peer = {
    publish: (_: unknown, value: unknown) =>
      void told.push((value as { grants: Grant[] }).grants.map(({ path }) => path)),
  };
  const grants = tellGrants({ peer, clock, wallMs });
  grants.given({ path: "/a", untilMs: 10 * MINUTE });
  clock.advance(MINUTE);
  grants.given({ path: "/b", untilMs: 11 * MINUTE });
  grants.ended("/b");
  grants.ended("/c");
  clock.advance(9 * MINUTE);
  expect(told).toEqual([[], ["/a"], ["/a", "/b"], ["/a"], []]);
  expect(clock.pending).toBe(0);
});

test("a second grant of a file goes on from then", () => {
  const clock = new SimulatedClock();
  const told: number[] = [];
  const peer = {
    publish: (_: unknown, value: unknown) =>
      void told.push((value as { grants: Grant[] }).grants.length),
  };
  const grants = tellGrants({ peer, clock, wallMs: () => clock.now() });
  grants.given({ path: "/a", untilMs: 10 * MINUTE });
  clock.advance(5 * MINUTE);
  grants.given({ path: "/a", untilMs: 15 * MINUTE });
  clock.advance(9 * MINUTE);
  expect(told).toEqual([0, 1, 1]);
  clock.advance(MINUTE);
  expect(told).toEqual([0, 1, 1, 0]);
});

test("the person ends a grant, and the file is closed again at once", async () => {
  const peer = await guard.peer();
  const read = () => peer.request(contract.read, { path: ".env", offset: 0, length: 100 });
  const { path } = await peer.request(contract.grant, { path: ".env" });
  await read();
  await peer.request(contract.takeBack, { path });
  await expect(read()).rejects.toMatchObject({ code: "file-guard/denied" });
  await peer.request(contract.takeBack, { path });
});

test("an agent ends nothing", async () => {
  const person = await guard.peer();
  const { path } = await person.request(contract.grant, { path: ".env" });
  const agent = await guard.peer("agent");
  const asked = agent.request(contract.takeBack, { path });
  await expect(asked).rejects.toMatchObject({ code: "bus/denied" });
  await person.request(contract.read, { path: ".env", offset: 0, length: 100 });
});
