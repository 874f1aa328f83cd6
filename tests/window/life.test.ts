/** A window's life in the real app: typing, killed parts, closing, what is remembered. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startApp, type WindowApp } from "./harness/app.ts";
import { Key } from "./harness/driver.ts";
import { DIST } from "./harness/place.ts";
import { eventually, isAlive } from "./harness/processes.ts";

let app: WindowApp;

beforeEach(async () => {
  app = await startApp();
});
afterEach(async () => {
  await app?.end();
});

/** What the window logs at the end of its page's process. */
const PAGE_ENDED = "the page's process ended";
/** Text of all terminal rows on the screen. */
const SCREEN = `return [...document.querySelectorAll(".xterm-rows > div")].map((row) => row.textContent).join("\\n")`;

function onScreen(pattern: RegExp): Promise<RegExpExecArray> {
  return eventually(`the screen shows ${pattern}`, async () => {
    const text = await app.evaluate<string>(SCREEN).catch(() => "");
    return pattern.exec(text) ?? undefined;
  });
}

async function typeLine(line: string): Promise<void> {
  await app.type(line);
  await app.chord(Key.enter);
}

function xdotool(...args: string[]): string {
  return spawnSync("xdotool", args, { env: app.env, encoding: "utf8" }).stdout.trim();
}

interface Row {
  readonly name: string;
  readonly pid: number;
  readonly state: string;
  readonly reason: string;
}

async function row(name: string): Promise<Row | undefined> {
  const { stdout } = await app.cli("ps", "--json");
  const rows = stdout.split("\n").filter((line) => line !== "");
  return rows.map((line) => JSON.parse(line) as Row).find((found) => found.name === name);
}

test("what is typed runs in a shell that outlives its terminal process, hub and page", async () => {
  await onScreen(/\$ /);
  await app.click(".xterm");
  await typeLine("echo first $$");
  const [, pid] = await onScreen(/first (\d+)/);
  for (const name of ["terminal", "hub"]) {
    const before = await row(name);
    expect((await app.cli("actor", "kill", name)).code).toBe(0);
    await eventually(`another ${name} is ready`, async () => {
      const now = await row(name);
      return now?.state === "ready" && now.pid !== before?.pid ? now : undefined;
    });
    await typeLine(`echo after ${name} $$`);
    expect((await onScreen(new RegExp(`after ${name} (\\d+)`)))[1]).toBe(pid);
  }
  const [page] = app.pidsOf("WebKitWebProces");
  process.kill(page as number, "SIGKILL");
  await onScreen(new RegExp(`first ${pid}`));
});

test("a stopped hub is found, reported and replaced", async () => {
  const before = await eventually("the hub is ready", () => row("hub"));
  // The root watches from the hub's first beat on.
  await onScreen(/\$ /);
  await new Promise((wake) => setTimeout(wake, 1_500));
  process.kill(before.pid, "SIGSTOP");
  const after = await eventually("another hub is ready", async () => {
    const now = await row("hub");
    return now !== undefined && now.pid !== before.pid && now.state === "ready" ? now : undefined;
  });
  expect(after.reason).toContain("watchdog");
});

test("the close button closes the window, ends the instance and remembers the size", async () => {
  await onScreen(/\$ /);
  const [root] = app.pidsOf("bulkhead");
  const ids = xdotool("search", "--onlyvisible", "--name", "Bulkhead").split("\n");
  const id = ids.at(-1) as string;
  xdotool("windowsize", "--sync", id, "900", "620");
  await app.pressClose();
  await eventually("the root has ended", () => (isAlive(root as number) ? undefined : true));
  expect(app.pidsOf("bulkhead-keeper")).toHaveLength(1);
  const place = JSON.parse(readFileSync(join(app.stateDir, "window.json"), "utf8"));
  expect(place).toMatchObject({ width: 900, height: 620, maximized: false });
});

test("Ctrl+. and Ctrl+; leave the keyboard with the page", async () => {
  await onScreen(/\$ /);
  await app.click(".xterm");
  xdotool("key", "ctrl+period");
  xdotool("key", "ctrl+semicolon");
  await typeLine("echo still $((40 + 2))");
  await onScreen(/still 42/);
});

test("a page that hangs does not keep the window from closing", async () => {
  await onScreen(/\$ /);
  const [root] = app.pidsOf("bulkhead");
  // Never answered: the loop holds the page for good.
  app.evaluate("while (true);").catch(() => undefined);
  await app.pressClose();
  await eventually("the root has ended", () => (isAlive(root as number) ? undefined : true));
  expect(app.log()).toContain("the page does not answer: closing without it");
});

test("a further window has the environment of whoever asked for it, also after it was killed", async () => {
  const env = { ...app.env, SSH_AUTH_SOCK: "/second", BULKHEAD_DRILL: "1" };
  const asked = spawnSync(join(DIST, "bin/bulkhead"), ["open", app.workspace], { env });
  expect(asked.status).toBe(0);
  const SOCKET = `const { env, drill } = JSON.parse(document.getElementById("boot").textContent);
    return { socket: env.SSH_AUTH_SOCK ?? "", drill };`;
  const environmentOf = (window: number) =>
    eventually(`window/${window} answers`, () =>
      app.evaluate<{ socket: string; drill: boolean }>(SOCKET, window).catch(() => undefined),
    );
  expect(await environmentOf(2)).toEqual({ socket: "/second", drill: false });
  expect(await environmentOf(1)).toEqual({ socket: "", drill: false });
  const before = await row("window/2");
  process.kill(before?.pid as number, "SIGKILL");
  await eventually("another window/2 is ready", async () => {
    const now = await row("window/2");
    return now?.state === "ready" && now.pid !== before?.pid ? now : undefined;
  });
  expect(await environmentOf(2)).toEqual({ socket: "/second", drill: false });
});

/** Kills the page's process until a dialog asks; gives the dialog. */
async function crashUntilAsked(): Promise<string> {
  const before = app.log().split(PAGE_ENDED).length;
  for (let crash = 0; crash < 4; crash += 1) {
    const page = await eventually("a page runs", () => app.pidsOf("WebKitWebProces").at(0));
    await eventually("the page answers", () =>
      app.evaluate<true>("return true").catch(() => undefined),
    );
    process.kill(page, "SIGKILL");
    await eventually("its end was seen", () =>
      app.log().split(PAGE_ENDED).length > before + crash ? true : undefined,
    );
  }
  return await eventually("the dialog is on the screen", () => {
    const ids = xdotool("search", "--onlyvisible", "--name", "^Bulkhead$");
    return ids === "" ? undefined : ids.split("\n").at(-1);
  });
}

test("after the fourth crash in a minute a plain dialog asks: a plain layout, or the end with shells kept", async () => {
  const first = await crashUntilAsked();
  expect(app.pidsOf("WebKitWebProces")).toEqual([]);
  xdotool("windowfocus", "--sync", first, "key", "--window", first, "Return");
  const address = await eventually("the page is back", async () => {
    const now = await app.evaluate<string>("return location.href").catch(() => "");
    return now.startsWith("bulkhead:") ? now : undefined;
  });
  expect(address).toBe("bulkhead://app/?plain");
  const [root] = app.pidsOf("bulkhead");
  const second = await crashUntilAsked();
  xdotool("windowfocus", "--sync", second, "key", "--window", second, "Right", "Right", "Return");
  await eventually("the root has ended", () => (isAlive(root as number) ? undefined : true));
  expect(app.pidsOf("bulkhead-keeper")).toHaveLength(1);
});
