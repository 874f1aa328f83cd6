import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Backend } from "../../../actors/terminal/backend.ts";
import type { TerminalSession } from "../../../actors/terminal/session.ts";
import { UNDO_MS, UNUSED_MS } from "../../../actors/terminal/sessions.ts";
import { SimulatedClock } from "../../../bus/clock.ts";
import { type RealKeeper, startKeeper, until } from "./real-keeper.ts";
import { openTable, request, show, TestView, typist } from "./real-table.ts";

// Real processes on a machine that may be busy: the bounds inside the tests are the tighter ones.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let keeper: RealKeeper;
let backend: Backend;
let home: string;

beforeAll(async () => {
  keeper = await startKeeper();
  home = mkdtempSync(join(tmpdir(), "bulkhead-home-"));
});

beforeEach(async () => {
  backend = await keeper.backend();
});

afterEach(async () => {
  for (const { key, exit } of await backend.list()) {
    if (exit === null) await backend.end(key, 100);
  }
  await until(async () => {
    const rows = await backend.list();
    await Promise.allSettled(rows.map(({ key }) => backend.forget(key)));
    return rows.length === 0;
  });
  await backend.close();
});

afterAll(async () => {
  await keeper.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const code = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "none";
};

async function shown(session: TerminalSession, sign: string): Promise<TestView> {
  const view = show(session, new TestView());
  await until(
    () => view.text.includes(sign),
    () => JSON.stringify(view.text),
  );
  return view;
}

test("a terminal gets the environment of the asking window and what names it", async () => {
  const { table } = openTable(backend, home);
  const env = {
    PATH: "/usr/bin",
    SSH_AUTH_SOCK: "/x",
    BULKHEAD_ROOT_PID: "1",
    SHELL: "/bin/sh",
    COLUMNS: "7",
  };
  const session = await table.create(request({ argv: ["env"], env, cwd: "/" }));
  const view = await shown(session, "BULKHEAD_SESSION");
  await until(() => view.ended !== undefined);
  const lines = view.text.split("\r\n");
  for (const line of [
    "SSH_AUTH_SOCK=/x",
    "PATH=/usr/bin:/opt/none/bin",
    "TERM=xterm-256color",
    "COLORTERM=truecolor",
    "TERM_PROGRAM=bulkhead",
    "TERM_PROGRAM_VERSION=0.0.0",
    `BULKHEAD_SESSION=${session.id}`,
    "BULKHEAD_RUNTIME_DIR=/run/none",
  ]) {
    expect(lines).toContain(line);
  }
  expect(view.text).not.toContain("BULKHEAD_ROOT_PID");
  expect(view.text).not.toContain("COLUMNS");
});

test("without one it gets that of the actor, and the login shell", async () => {
  const { table } = openTable(backend, home);
  const session = await table.create(request({}));
  expect(session.describe()).toMatchObject({
    shell: "sh",
    cwd: home,
    state: "running",
    integration: "none",
  });
});

test("a start that is asked for twice is made once, also when the first is still under way", async () => {
  const { table } = openTable(backend, home);
  const asked = request({ id: "00112233aabbccdd", argv: ["cat"] });
  const [first, second] = await Promise.all([table.create(asked), table.create(asked)]);
  expect(first.id).toBe("00112233aabbccdd");
  expect(second).toBe(first);
  expect(await table.create(asked)).toBe(first);
  const other = await table.create(request({ argv: ["cat"] }));
  expect(other.id).not.toBe(first.id);
  expect(await backend.list()).toHaveLength(2);
});

test("a start under way when the actor dies is found again by its id", async () => {
  const { table } = openTable(backend, home);
  const asked = request({ id: "00112233aabbccde", argv: ["cat"] });
  const { pid } = await table.create(asked);
  const after = openTable(backend, home);
  await after.table.adopt();
  expect((await after.table.create(asked)).pid).toBe(pid);
  expect(await code(after.table.create(asked, "agent"))).toBe("bus/denied");
});

test("with integration switched off a shell starts bare", async () => {
  const { table } = openTable(backend, home, { integration: "off" });
  const session = await table.create(request({ argv: ["bash"] }));
  expect(session.describe().integration).toBe("none");
});

test("a missing shell is named, with those that are there", async () => {
  const { table } = openTable(backend, home);
  const work = table.create(request({ argv: ["/bin/nosuchshell"] }));
  await expect(work).rejects.toMatchObject({ code: "terminal/shell-not-found" });
  await expect(work).rejects.toThrow(/\/bin\/nosuchshell is not here.*bash/u);
  expect(await code(table.create(request({ env: { SHELL: "/gone" } })))).toBe(
    "terminal/shell-not-found",
  );
});

test("a folder that is gone is named", async () => {
  const { table } = openTable(backend, home);
  const work = table.create(request({ cwd: "/no/such/folder" }));
  await expect(work).rejects.toMatchObject({ code: "terminal/no-folder" });
  await expect(work).rejects.toThrow(/\/no\/such\/folder/u);
  expect(await code(table.create(request({ cwd: "relative" })))).toBe("terminal/no-folder");
});

test("a split starts in the folder of the one it came from, or in the workspace when that is gone", async () => {
  const folder = join(home, "inner");
  mkdirSync(folder);
  const { table } = openTable(backend, home);
  const first = await table.create(request({ cwd: folder }));
  const second = await table.create(request({ near: first.id }));
  expect(second.describe().cwd).toBe(folder);
  rmSync(folder, { recursive: true });
  const third = await table.create(request({ near: first.id }));
  expect(third.describe().cwd).toBe(home);
});

test("a closed session is hidden, can be taken back, and ends when the time is over", async () => {
  const clock = new SimulatedClock();
  const { table } = openTable(backend, home, { clock });
  const session = await table.create(request({}));
  expect(await table.close(session.id)).toEqual({ undoMs: UNDO_MS });
  expect(session.describe().state).toBe("closing");
  clock.advance(UNDO_MS - 1);
  await table.reopen(session.id);
  expect(session.describe().state).toBe("running");
  clock.advance(UNDO_MS);
  expect(table.describe().length).toBe(1);
  await table.close(session.id);
  clock.advance(UNDO_MS);
  await until(() => table.describe().length === 0);
  expect(await code(table.reopen(session.id))).toBe("terminal/no-such-session");
  await until(async () => {
    clock.advance(20);
    return (await backend.list()).length === 0;
  });
});

test("an ended session stays with its exit and can be started again in its folder", async () => {
  const { table } = openTable(backend, home);
  const session = await table.create(
    request({ argv: ["sh", "-c", "pwd; exit 3"], cwd: "/usr", name: "job" }),
  );
  const view = await shown(session, "/usr");
  await until(() => view.ended !== undefined);
  expect(session.describe()).toMatchObject({ state: "ended", job: null });
  expect(session.describe().exit).toMatchObject({ code: 3, signal: null });
  const again = await table.restart(session.id, { cols: 90, rows: 30 });
  expect(again.describe()).toMatchObject({ name: "job", cols: 90, rows: 30 });
  expect(again.id).not.toBe(session.id);
  expect(table.describe().map(({ id }) => id)).toEqual([again.id]);
  const second = await shown(again, "\r\n");
  expect(second.text).toContain("/usr\r\n");
});

test("a running session is not started again", async () => {
  const { table } = openTable(backend, home);
  const session = await table.create(request({}));
  expect(await code(table.restart(session.id, { cols: 80, rows: 24 }))).toBe("terminal/backend");
});

test("jobs are the foreground programs of shells, and programs that are no shell", async () => {
  const { table } = openTable(backend, home);
  const shell = await table.create(request({ argv: ["bash", "--norc"] }));
  const view = show(shell, new TestView());
  await until(
    () => view.text.includes("$ ") || view.text.includes("# "),
    () => view.text,
  );
  expect(table.jobs()).toEqual({ jobs: [], idleShells: 1 });
  const type = await typist(backend, shell);
  type("sleep 30\r");
  // Between fork and exec it still bears the shell's name.
  await until(
    () => table.jobs().jobs.some(({ command }) => command === "sleep 30"),
    () => view.text,
  );
  expect(table.jobs().jobs[0]).toMatchObject({ session: shell.id, command: "sleep 30" });
  const own = await table.create(request({ argv: ["sleep", "40"] }));
  await until(() => table.jobs().jobs.some(({ command }) => command.endsWith("sleep 40")));
  expect(table.jobs().jobs.find(({ session }) => session === own.id)?.pid).toBe(own.pid);
  type("\u0003");
  await until(() => table.jobs().jobs.length === 1);
});

test("a shell nobody used for a day ends when the next actor comes, a job does not", async () => {
  const first = openTable(backend, home);
  const idle = await first.table.create(request({}));
  const busy = await first.table.create(request({ argv: ["sleep", "50"] }));
  const later = Date.now() + UNUSED_MS + 1000;
  const next = openTable(await keeper.backend(), home, { wallMs: () => later });
  await next.table.adopt();
  await until(() => next.table.describe().length === 1);
  expect(next.table.describe()[0]?.id).toBe(busy.id);
  expect(next.log.join()).toContain("unused for 24 h");
  expect(idle.id).not.toBe(busy.id);
});

test("output that nobody saw is counted from when the last view went, also over the actor's death", async () => {
  const first = openTable(backend, home);
  const session = await first.table.create(
    request({ argv: ["sh", "-c", "echo one; cat; exec cat"] }),
  );
  const type = await typist(backend, session);
  const view = await shown(session, "one");
  expect(session.describe().unseenBytes).toBe(0);
  view.vanish();
  // "two" as it is typed, and as cat says it.
  type("two\n");
  await until(() => session.describe().unseenBytes === "two\r\n".length * 2);
  await first.table.flush();
  const next = openTable(await keeper.backend(), home);
  await next.table.adopt();
  await until(() => next.table.get(session.id).describe().unseenBytes === 10);
  const again = next.table.get(session.id);
  await shown(again, "two\r\ntwo");
  expect(again.describe().unseenBytes).toBe(0);
});

test("output that no view has consumed is there after the actor's death, also when the screen is ahead of it", async () => {
  const first = openTable(backend, home);
  const session = await first.table.create(request({ argv: ["seq", "-f", "%015.0f", "100000"] }));
  show(session, new TestView("when-told"));
  const row = async () => (await backend.list()).find(({ key }) => key === session.key);
  // The window is full, and so is what the keeper reads ahead of it.
  await until(async () => ((await row())?.head ?? 0) >= 384 * 1024);
  const { offset } = await session.checkpoint();
  expect(offset).toBeGreaterThan(64 * 1024);
  expect((await row())?.read).toBe(0);
  const next = openTable(await keeper.backend(), home);
  expect(await next.table.adopt()).toEqual({ shellsKept: 1, bytesLost: 0 });
  const again = next.table.get(session.id);
  expect(again.store.history.start).toBe(0);
  const view = await shown(again, "000000000100000");
  expect(view.text.startsWith("000000000000001")).toBe(true);
});

test("bells and notices are counted until the session is looked at", async () => {
  const { table, attentions } = openTable(backend, home);
  const script =
    "printf '\\a\\a'; printf '\\033]9;all done\\a'; printf '\\033]777;notify;T;body\\a'; sleep 5";
  const session = await table.create(request({ argv: ["sh", "-c", script] }));
  show(session, new TestView());
  await until(() => session.describe().attention.notice === "body");
  expect(session.describe().attention.bells).toBe(2);
  expect(attentions.map(({ kind, text }) => [kind, text])).toEqual([
    ["bell", ""],
    ["notice", "all done"],
    ["notice", "body"],
  ]);
});

test("a session of another program at the keeper is taken over under a new id", async () => {
  const meta = new TextEncoder().encode("not ours");
  const env = { PATH: "/bin" };
  await backend.create({ argv: ["/bin/cat"], cwd: "/", env, cols: 70, rows: 20, meta });
  const { table } = openTable(await keeper.backend(), home);
  expect(await table.adopt()).toEqual({ shellsKept: 1, bytesLost: 0 });
  expect(table.describe()[0]).toMatchObject({ shell: "cat", cols: 70, rows: 20, state: "running" });
});
