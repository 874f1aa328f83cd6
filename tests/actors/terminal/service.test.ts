import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import * as terminal from "../../../bus/contracts/terminal.ts";
import type { BusStream, Peer } from "../../../bus/peer.ts";
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
  hub = openHub(keeper, home);
  await hub.startActor();
  page = await hub.page();
});

afterEach(async () => {
  const { sessions } = await page.request(terminal.list, {});
  for (const { id } of sessions) await page.request(terminal.end, { session: id });
  await until(async () => (await page.request(terminal.list, {})).sessions.length === 0);
});

afterAll(async () => {
  await hub.close();
  await keeper.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const create = (peer: Peer, ...argv: string[]) =>
  peer.request(terminal.create, { argv, cols: 80, rows: 24, cwd: "", env: {}, name: "" });

const row = async (id: string) =>
  (await page.request(terminal.list, {})).sessions.find((session) => session.id === id);

interface Shown {
  readonly stream: BusStream<{ offset: number; restoreBytes: number; gapBytes: number }>;
  text: string;
  bytes: number;
}

async function show(
  peer: Peer,
  session: string,
  change: { from?: "screen" | number; visible?: boolean; cols?: number; rows?: number } = {},
  pace: "at-once" | "never" = "at-once",
): Promise<Shown> {
  const input = { session, from: "screen" as const, cols: 80, rows: 24, visible: true, ...change };
  const stream = await peer.open(terminal.attach, input, { windowBytes: 128 * 1024 });
  stream.end();
  stream.done.catch(() => undefined);
  const shown: Shown = { stream, text: "", bytes: 0 };
  const decoder = new TextDecoder();
  stream.onChunk((chunk) => {
    shown.text += decoder.decode(chunk, { stream: true });
    shown.bytes += chunk.length;
    if (pace === "at-once") stream.consumed(chunk.length);
  });
  return shown;
}

test("a view gets the screen, what comes, and the exit as the last value", async () => {
  const session = await create(page, "sh", "-c", "echo before; read x; echo after; exit 4");
  await until(async () => ((await row(session.id))?.outputBytes ?? 0) > 0);
  const view = await show(page, session.id);
  await until(() => view.text.includes("before"));
  const keys = await page.open(terminal.input, { session: session.id, writer: "w" });
  await keys.write(new TextEncoder().encode("\n"));
  expect(await view.stream.done).toMatchObject({ code: 4, signal: null });
  expect(view.text).toContain("after\r\n");
  const again = await show(page, session.id);
  expect(await again.stream.done).toMatchObject({ code: 4 });
  expect(again.text).toContain("after");
});

test("keys for an ended session, and any for an unknown one, are refused by name", async () => {
  const session = await create(page, "true");
  const view = await show(page, session.id);
  await view.stream.done;
  const keys = page.open(terminal.input, { session: session.id, writer: "w" });
  await expect(keys).rejects.toMatchObject({ code: "terminal/ended" });
  await expect(show(page, "nobody")).rejects.toMatchObject({ code: "terminal/no-such-session" });
  await expect(
    page.request(terminal.rename, { session: "nobody", name: "x" }),
  ).rejects.toMatchObject({
    code: "terminal/no-such-session",
    message: expect.stringContaining("nobody"),
  });
});

test("an offset beyond the output is refused with its bound", async () => {
  const session = await create(page, "cat");
  await expect(show(page, session.id, { from: 5_000_000 })).rejects.toMatchObject({
    code: "bus/invalid",
    message: expect.stringContaining("5000000"),
  });
});

test("an offset that is only there as a screen is sent back to attach to the screen", async () => {
  const session = await create(page, "sh", "-c", "yes | head -c 2000000; echo end-mark; sleep 20");
  const view = await show(page, session.id);
  await until(
    () => view.text.endsWith("end-mark\r\n"),
    () => `${view.bytes} bytes; ${hub.log()}`,
  );
  const late = await show(page, session.id, { from: 0 });
  await expect(late.stream.done).rejects.toMatchObject({ code: "terminal/view-behind" });
  const screen = await show(page, session.id);
  await until(() => screen.bytes >= screen.stream.accepted.restoreBytes);
  const { offset, restoreBytes } = view.stream.accepted;
  expect(screen.stream.accepted.offset).toBe(offset + view.bytes - restoreBytes);
});

test("a view that never consumes holds the program back, and memory with it", async () => {
  const session = await create(page, "sh", "-c", "yes");
  const view = await show(page, session.id, {}, "never");
  // The program may have filled the first window before the view came: what counts is that it stands still.
  let before = -1;
  let stillLooks = 0;
  await until(async () => {
    const outputBytes = (await row(session.id))?.outputBytes ?? 0;
    stillLooks = outputBytes > 0 && outputBytes === before ? stillLooks + 1 : 0;
    before = outputBytes;
    return stillLooks >= 30;
  });
  expect(view.bytes).toBeGreaterThan(0);
  expect(view.bytes).toBeLessThanOrEqual((128 + 64) * 1024);
  expect((await row(session.id))?.outputBytes).toBeLessThanOrEqual(2 * (128 + 64) * 1024);
});

test("Ctrl+C reaches a program whose view does not consume", async () => {
  const session = await create(
    page,
    "sh",
    "-c",
    "trap 'exit 9' INT; while :; do echo yyyyyyyyyyyyyyyy; done",
  );
  const view = await show(page, session.id, {}, "never");
  await until(() => view.bytes > 0);
  const keys = await page.open(
    terminal.input,
    { session: session.id, writer: "w" },
    { lane: "control" },
  );
  await keys.write(new TextEncoder().encode("\u0003"));
  await until(() => keys.acknowledgedBytes === 1);
  view.stream.consumed(view.bytes);
  let granted = view.bytes;
  await until(() => {
    view.stream.consumed(view.bytes - granted);
    granted = view.bytes;
    return view.text.includes("^C");
  });
});

test("a visible view sets the size, a hidden one does not", async () => {
  const session = await create(
    page,
    "sh",
    "-c",
    "trap 'stty size' WINCH; echo listens; while :; do sleep 0.02; done",
  );
  const size = async () => {
    const now = await row(session.id);
    return [now?.cols, now?.rows];
  };
  const hidden = await show(page, session.id, { visible: false, cols: 50, rows: 10 });
  await until(() => hidden.text.includes("listens"));
  expect(await size()).toEqual([80, 24]);
  const view = await show(page, session.id, { cols: 100, rows: 40 });
  expect(await size()).toEqual([100, 40]);
  await until(() => view.text.includes("40 100"));
  await expect(
    page.request(terminal.resize, { session: session.id, cols: 0, rows: 24 }),
  ).rejects.toMatchObject({ code: "bus/invalid" });
});

test("an agent is kept out of a person's terminals, and gets none", async () => {
  const agent = await hub.page("agent");
  const theirs = await create(page, "cat");
  await expect(create(agent, "cat")).rejects.toMatchObject({ code: "bus/denied" });
  expect(await agent.request(terminal.list, {})).toEqual({ sessions: [] });
  await expect(show(agent, theirs.id)).rejects.toMatchObject({ code: "bus/denied" });
  await expect(
    agent.open(terminal.input, { session: theirs.id, writer: "a" }),
  ).rejects.toMatchObject({ code: "bus/denied" });
  await expect(agent.request(terminal.end, { session: theirs.id })).rejects.toMatchObject({
    code: "bus/denied",
  });
  agent.close();
});

test("all sessions are told at most ten times a second", async () => {
  const atMs: number[] = [];
  const subscription = page.subscribe(terminal.sessions, () => void atMs.push(performance.now()));
  const script =
    "i=0; while [ $i -lt 400 ]; do printf '\\033]0;title %d\\a' $i; i=$((i+1)); sleep 0.002; done; sleep 9";
  const session = await create(page, "sh", "-c", script);
  await show(page, session.id);
  await until(async () => (await row(session.id))?.title === "title 399");
  subscription.unsubscribe();
  const tookMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
  expect(atMs.length).toBeGreaterThan(2);
  expect(atMs.length).toBeLessThanOrEqual(tookMs / 90 + 2);
});

test("the node-pty backend is served the same way", async () => {
  const other = openHub(keeper, home, { BULKHEAD_TERMINAL_BACKEND: "node-pty" });
  await other.startActor();
  const peer = await other.page();
  const session = await create(peer, "sh", "-c", "echo hello; sleep 0.3; exit 2");
  expect(session.backend).toBe("node-pty");
  const view = await show(peer, session.id);
  expect(await view.stream.done).toMatchObject({ code: 2 });
  expect(view.text).toContain("hello");
  await other.close();
});
