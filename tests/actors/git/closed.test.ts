/** For whom closed files are marked, and for whom they are not there. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { markClosed } from "../../../actors/git/closed.ts";
import type { Change } from "../../../bus/contracts/git.ts";
import type { CallContext } from "../../../bus/peer.ts";
import type { Principal } from "../../../bus/protocol.ts";
import { openGuard, type RealGuard } from "../file-guard/real-guard.ts";

let guard: RealGuard;
beforeAll(async () => {
  guard = await openGuard();
});
afterAll(() => guard.close());

const CHANGES: Change[] = [
  { path: ".env", group: "changed", how: "modified" },
  { path: "open.txt", group: "staged", how: "renamed", from: ".env" },
  { path: "src/main.ts", group: "changed", how: "modified" },
];

async function marked(principal: Principal): Promise<Change[]> {
  const call: CallContext = {
    source: "ui/1",
    subject: "git.status",
    signal: new AbortController().signal,
    remainingMs: () => 10_000,
    trace: undefined,
    principal,
  };
  return markClosed(await guard.peer(principal), CHANGES, call);
}

test("the person sees that they changed, and by which rule they are closed", async () => {
  const changes = await marked("person");
  expect(changes.map(({ closed, liftable }) => [closed, liftable])).toEqual([
    ["built-in/dotenv", true],
    ["built-in/dotenv", true],
    [undefined, undefined],
  ]);
});

test("an agent is not told of them", async () => {
  expect((await marked("agent")).map(({ path }) => path)).toEqual(["src/main.ts"]);
});
