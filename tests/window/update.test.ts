/** An update under way: what is half there is not started, what is whole is told, Reload starts it, and shells stay. */
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectPeer } from "../../bus/client.ts";
import { info, type Notice, noticesList, reload } from "../../bus/contracts/hub.ts";
import { create, list } from "../../bus/contracts/terminal.ts";
import { connectUnix, readToken } from "../../bus/node/index.ts";
import type { Peer } from "../../bus/peer.ts";
import { describeInstalled, writeInstalled } from "../../shell/setup/installed.mjs";
import { launch } from "../browser/open-page.ts";
import { DIST, makePlace, type Place } from "./harness/place.ts";
import { end, eventually, isAlive, type Running, start } from "./harness/processes.ts";

// Processes start and end in each, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

let place: Place;
let home: string;
let root: Running;

beforeEach(() => {
  place = makePlace();
  home = join(place.base, "installed");
  for (const folder of ["bin", "node", "ui"]) {
    cpSync(join(DIST, folder), join(home, folder), { recursive: true });
  }
  writeInstalled(home, "0.3.0");
});
afterEach(async () => {
  spawnSync(place.program, ["quit", "--all"], { env: place.env, cwd: place.workspace });
  await end(root);
  await place.end();
});

async function serve(): Promise<void> {
  root = start([place.program, "serve", place.workspace], {
    env: { ...place.env, BULKHEAD_HOME: home },
    cwd: place.workspace,
    out: "read",
  });
  await eventually("the root says where it serves", () => {
    if (root.child.exitCode !== null) throw new Error(`ended: ${root.stderr()}`);
    return root.stdout().includes("\n") || undefined;
  });
}

async function attach(): Promise<Peer> {
  return eventually("the hub lets a client in", async () => {
    try {
      const token = await readToken(join(place.runtimeDir, "token"));
      const transport = await connectUnix(join(place.runtimeDir, "hub.sock"));
      return await connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
    } catch {
      return undefined;
    }
  });
}

async function asked<T>(ask: (peer: Peer) => Promise<T>): Promise<T> {
  const peer = await attach();
  try {
    return await ask(peer);
  } finally {
    peer.close();
  }
}

const hub = () => asked((peer) => peer.request(info, {}));
const told = async (): Promise<Notice[]> =>
  (await asked((peer) => peer.request(noticesList, {}))).notices.filter(
    ({ kind }) => kind === "updated",
  );
const rootLog = (): string => readFileSync(join(place.stateDir, "root.log"), "utf8");

/** The list of a set whose hub is another one, and that hub; nothing of it is installed yet. */
function nextSet(version: string): { readonly text: string; readonly hub: string } {
  const path = join(home, "node/hub.mjs");
  const before = readFileSync(path, "utf8");
  appendFileSync(path, `\n// ${version}\n`);
  const text = JSON.stringify(describeInstalled(home, version));
  const hub = readFileSync(path, "utf8");
  writeFileSync(path, before);
  return { text, hub };
}

test("a whole set is told once; Reload starts it in the place of the hub, and shells go on", async () => {
  await serve();
  const before = await hub();
  expect(before.version).toBe("0.3.0");
  const wanted = { argv: [], cwd: "", env: {}, cols: 80, rows: 24, name: "" };
  const shell = await asked((peer) => peer.request(create, wanted));
  const { text, hub: program } = nextSet("0.4.0");
  writeFileSync(join(home, "node/hub.mjs"), program);
  writeFileSync(join(home, "installed.json"), text);
  const [notice] = await eventually("it is told", async () => {
    const notices = await told();
    return notices.length > 0 ? notices : undefined;
  });
  expect(notice).toMatchObject({
    title: "Bulkhead 0.4.0 is installed.",
    text: "Reload to use it; your shells stay",
    level: "info",
  });
  expect((await hub()).pid).toBe(before.pid);
  await asked((peer) => peer.request(reload, {}));
  await eventually("the next hub serves", async () =>
    (await hub()).hubEpoch > before.hubEpoch ? true : undefined,
  );
  expect((await hub()).version).toBe("0.4.0");
  expect(isAlive(before.pid)).toBe(false);
  const { sessions } = await asked((peer) => peer.request(list, {}));
  expect(sessions).toEqual([expect.objectContaining({ id: shell.id, pid: shell.pid })]);
  expect(await told()).toEqual([]);
});

test("a person reads of it in a toast, and its button reloads hub and page", async () => {
  await serve();
  const before = await hub();
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(root.stdout().trim());
    await page.locator(".xterm-rows > div", { hasText: "$" }).first().waitFor();
    await page.locator(".xterm").click();
    await page.keyboard.type("echo kept $((40 + 2))\n");
    const line = page.locator(".xterm-rows > div", { hasText: /^kept 42/ });
    await line.waitFor();
    await page.evaluate(() => Reflect.set(window, "isOldPage", true));
    const { text, hub: program } = nextSet("0.4.0");
    writeFileSync(join(home, "node/hub.mjs"), program);
    writeFileSync(join(home, "installed.json"), text);
    const toast = page.getByTestId("toast").filter({ hasText: "is installed" });
    await toast.waitFor();
    expect(await toast.locator("strong").textContent()).toBe("Bulkhead 0.4.0 is installed.");
    expect(await toast.locator(".toast-text").textContent()).toBe(
      "Reload to use it; your shells stay",
    );
    await toast.getByRole("button", { name: "Reload" }).click();
    await page.waitForFunction(() => Reflect.get(window, "isOldPage") === undefined);
    await line.waitFor();
    const after = await hub();
    expect([after.version, after.hubEpoch]).toEqual(["0.4.0", before.hubEpoch + 1]);
  } finally {
    await browser.close();
  }
});

test("a half written set is neither told nor started; the hub comes with the whole one", async () => {
  await serve();
  const before = await hub();
  const { text, hub: program } = nextSet("0.4.0");
  const path = join(home, "node/hub.mjs");
  writeFileSync(join(home, "installed.json"), text);
  writeFileSync(path, program);
  truncateSync(path, 100_000);
  process.kill(before.pid, "SIGKILL");
  const says = "hub waits for an installation to be complete: node/hub.mjs";
  await eventually("the root waits", () => (rootLog().includes(says) ? true : undefined));
  expect(rootLog()).not.toContain("is installed");
  expect(rootLog().split("hub started")).toHaveLength(2);
  writeFileSync(path, program);
  const after = await hub();
  expect([after.version, after.hubEpoch]).toEqual(["0.4.0", before.hubEpoch + 1]);
  expect(await told()).toEqual([]);
});

test("a list whose files never come holds nothing up for longer than ten seconds", async () => {
  await serve();
  const before = await hub();
  const { text } = nextSet("0.4.0");
  writeFileSync(join(home, "installed.json"), text);
  process.kill(before.pid, "SIGKILL");
  await eventually("the root waits", () => (rootLog().includes("hub waits") ? true : undefined));
  expect((await hub()).hubEpoch).toBe(before.hubEpoch + 1);
});
