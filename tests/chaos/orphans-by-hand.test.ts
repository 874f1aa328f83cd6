/** Shells and the keeper, ended by a person: the one that was meant, or all of them, and nothing beside. */
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { act, consequence, type ProcessRow, processesList } from "../../bus/contracts/hub.ts";
import { isBusError } from "../../bus/errors.ts";
import type { Peer } from "../../bus/peer.ts";
import { eventually, isAlive } from "../window/harness/processes.ts";
import { leftAfterRoot, startWhole, type Whole } from "./hostile/whole.ts";

let whole: Whole;
let peer: Peer;

beforeEach(async () => {
  whole = startWhole();
  await whole.ready();
  peer = await whole.attached();
});
afterEach(async () => {
  peer.close();
  await whole.end();
});

function command(...args: readonly string[]) {
  const { env, program, workspace } = whole.place;
  return spawnSync(program, args, { env, cwd: workspace, encoding: "utf8", timeout: 60_000 });
}

async function rows(kind: ProcessRow["kind"]): Promise<ProcessRow[]> {
  const { processes } = await peer.request(processesList, {});
  return processes.filter((row) => row.kind === kind);
}

/** Opens terminals and gives the rows of their shells. */
async function shells(count: number): Promise<ProcessRow[]> {
  for (let at = 0; at < count; at += 1) {
    await peer.requestRaw("terminal.create", { cols: 80, rows: 24 });
  }
  return eventually("the shells are listed", async () => {
    const found = await rows("shell");
    return found.length === count ? found : undefined;
  });
}

test("kill on the row of a shell ends that shell alone", async () => {
  const [first, second] = await shells(2);
  const name = first?.name ?? "";
  const told = await peer.request(consequence, { name, act: "kill" });
  expect(told.sentence).toContain("End bash in");
  await peer.request(act, { name, act: "kill", endShells: false });
  await eventually("it has ended", () => (isAlive(first?.pid ?? 0) ? undefined : true));
  expect(isAlive(second?.pid ?? 0)).toBe(true);
  await eventually("its row is gone", async () =>
    (await rows("shell")).length === 1 ? true : undefined,
  );
});

test("kill on a shell's row ends also what ignores a hang-up", async () => {
  const stubborn = "trap '' HUP TERM; sleep 611 & sleep 612; exit";
  await peer.requestRaw("terminal.create", {
    argv: ["/bin/bash", "-c", stubborn],
    cols: 80,
    rows: 24,
  });
  const sleeping = () => whole.kin.alive().filter((one) => /^sleep 61\d$/.test(one.command));
  await eventually("both programs run", () => sleeping().length === 2 || undefined);
  const [shell] = await rows("shell");
  await peer.request(act, { name: shell?.name ?? "", act: "kill", endShells: false });
  await eventually("both have ended", () => (sleeping().length === 0 ? true : undefined));
});

test("kill keeper without --end-shells is refused with the count and ends nothing", async () => {
  const running = await shells(2);
  const refused = command("actor", "kill", "keeper");
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toContain("ends 2 shells: say so with --end-shells");
  expect(running.filter((row) => isAlive(row.pid ?? 0))).toHaveLength(2);
  const error = await peer
    .request(act, { name: "keeper", act: "kill", endShells: false })
    .catch((reason: unknown) => reason);
  expect(isBusError(error, "hub/needs-end-shells")).toBe(true);
});

test("kill keeper --end-shells ends every shell and the keeper, and terminals can be had again", async () => {
  const running = await shells(2);
  const [before] = await rows("keeper");
  const done = command("actor", "kill", "keeper", "--end-shells");
  expect(done.stderr).toBe("");
  expect(done.status).toBe(0);
  await eventually("keeper and shells have ended", () =>
    [...running, before].some((row) => isAlive(row?.pid ?? 0)) ? undefined : true,
  );
  await eventually("a keeper can be started", async () =>
    command("actor", "retry", "keeper").status === 0 ? true : undefined,
  );
  await eventually("a terminal can be had", () =>
    peer.requestRaw("terminal.create", { cols: 80, rows: 24 }).catch(() => undefined),
  );
  const [after] = await rows("keeper");
  expect(after?.pid).not.toBe(before?.pid);
  expect(await leftAfterRoot(whole)).toEqual([]);
});

test("quit --all ends the shells with everything else", async () => {
  await shells(2);
  const done = command("quit", "--all");
  expect(done.stderr).toBe("");
  expect(done.status).toBe(0);
  expect(await leftAfterRoot(whole)).toEqual([]);
  expect(whole.kin.alive()).toEqual([]);
});
