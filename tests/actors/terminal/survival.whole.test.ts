import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import * as terminal from "../../../bus/contracts/terminal.ts";
import type { Peer } from "../../../bus/peer.ts";
import { Follower, Typist } from "./page-like.ts";
import { openHub, type RealHub } from "./real-actor.ts";
import { type RealKeeper, startKeeper, until } from "./real-keeper.ts";

// Real processes on a machine that may be busy: the bounds inside the tests are the tighter ones.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let keeper: RealKeeper;
let home: string;
let hub: RealHub;
let page: Peer;

beforeAll(async () => {
  keeper = await startKeeper();
  home = mkdtempSync(join(tmpdir(), "bulkhead-home-"));
});

afterAll(async () => {
  await keeper.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

beforeEach(async () => {
  hub = openHub(keeper, home);
  await hub.startActor();
  page = await hub.page();
});

afterEach(async () => {
  const { sessions } = await page.request(terminal.list, {});
  for (const { id } of sessions) await page.request(terminal.end, { session: id });
  await until(async () => (await page.request(terminal.list, {})).sessions.length === 0);
  await hub.close();
});

const create = (...argv: string[]) =>
  page.request(terminal.create, { argv, cols: 80, rows: 24, cwd: "", env: {}, name: "" });

test("numbered output goes on without a gap through five kills of the actor, in the same shell", async () => {
  const count = 40_000;
  const session = await create(
    "/bin/sh",
    "-c",
    `i=0; while [ $i -lt ${count} ]; do echo $i; i=$((i+1)); done; sleep 0.5`,
  );
  const follower = new Follower(page, session.id);
  const done = follower.follow();
  for (let kills = 0; kills < 5; kills++) {
    const from = follower.next;
    await until(
      () => follower.next > from + 2000 || follower.last !== undefined,
      () => hub.log(),
    );
    await hub.killActor();
    await hub.startActor();
    const { sessions } = await page.request(terminal.list, {});
    expect(sessions.find(({ id }) => id === session.id)?.pid).toBe(session.pid);
  }
  await done;
  expect(follower.gaps).toBe(0);
  expect(follower.behind).toBe(0);
  const lines = follower.text.split("\r\n");
  expect(lines.length).toBe(count + 1);
  expect(lines.findIndex((line, i) => i < count && line !== `${i}`)).toBe(-1);
  expect(follower.last).toMatchObject({ code: 0, signal: null });
}, 60_000);

test("typed lines reach the program exactly once through kills of the actor", async () => {
  const session = await create("/bin/sh", "-c", "stty -echo; echo ready; exec cat");
  const follower = new Follower(page, session.id);
  void follower.follow();
  await until(
    () => follower.text.includes("ready"),
    () => hub.log(),
  );
  const typist = new Typist(page, session.id);
  const lines = Array.from({ length: 300 }, (_, i) => `typed line ${i}`);
  for (const [i, line] of lines.entries()) {
    typist.type(`${line}\n`);
    if (i % 75 === 40) {
      await hub.killActor();
      typist.type("");
      await hub.startActor();
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await until(
    () => follower.text.includes("typed line 299"),
    () => follower.text.slice(-200),
    15_000,
  );
  const got = follower.text.split("\r\n").filter((line) => line.startsWith("typed"));
  expect(got).toEqual(lines);
}, 60_000);

test("names, titles, marks and a running close survive a kill of the actor", async () => {
  const session = await create("/bin/bash");
  const follower = new Follower(page, session.id);
  void follower.follow();
  await until(
    () => follower.text.includes("133;B"),
    () => follower.text,
  );
  const typist = new Typist(page, session.id);
  typist.type("printf '\\e]0;my title\\a'; cd /tmp; sh -c 'exit 3'\r");
  const one = async () =>
    (await page.request(terminal.list, {})).sessions.find(({ id }) => id === session.id);
  // The folder is told with the prompt that follows the command's end.
  await until(async () => {
    const now = await one();
    return now?.command?.state === "ended" && now.cwd === "/tmp";
  });
  await page.request(terminal.rename, { session: session.id, name: "build" });
  const before = await one();
  expect(before).toMatchObject({
    name: "build",
    title: "my title",
    cwd: "/tmp",
    integration: "bash",
  });
  expect(before?.command).toMatchObject({ exitCode: 3, state: "ended" });
  // The prompt behind the command may still come.
  const { outputBytes: _grows, unseenBytes: _new, job: _comes, ...known } = before ?? {};
  await page.request(terminal.close, { session: session.id });
  await hub.killActor();
  await hub.startActor();
  expect(await one()).toMatchObject({ ...known, state: "closing" });
  await page.request(terminal.reopen, { session: session.id });
  expect((await one())?.state).toBe("running");
}, 60_000);

test("a restarted actor tells how many shells it found and that nothing was lost", async () => {
  await create("/bin/sh");
  await create("/bin/sh");
  await hub.killActor();
  const told: Array<{ shellsKept: number; bytesLost: number; epoch: number }> = [];
  page.subscribe(terminal.recovered, (value) => void told.push(value));
  await hub.startActor();
  await until(() => told.some(({ epoch }) => epoch === 2));
  expect(told.find(({ epoch }) => epoch === 2)).toMatchObject({ shellsKept: 2, bytesLost: 0 });
}, 60_000);
