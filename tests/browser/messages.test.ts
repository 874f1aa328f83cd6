/**
 * What a person reads when something happened to a process: each test causes it and checks words and figures.
 *
 * | row of ux.md section 6 | test |
 * |---|---|
 * | restarted | "a restarted process: ..." |
 * | restarted, again | "the same again within a minute: ..." |
 * | hang | "a process that hangs: ..." |
 * | memory | "a process over its memory limit: ..." |
 * | stopped | "a process that is stopped: ..." |
 * | paused by you | "a paused process: ..." |
 * | hub away | "a hub that is away: ..." |
 * | keys not sent | app.test.ts, "hub: keys older than two seconds wait for the person" |
 * | page crashed | tests/window/messages.test.ts |
 * | 3 in a minute | tests/window/life.test.ts, "after the fourth crash in a minute a plain dialog asks" |
 * | close, programs run; only prompts | messages-shells.test.ts; app.test.ts, "asks before closing" |
 * | reopened | start.test.ts, "tells which shells are still there" |
 * | tab closed, after a reboot, bad setting | messages-shells.test.ts |
 * | updated under way | tests/window/update.test.ts |
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { act, type ProcessRow, processesList } from "../../bus/contracts/hub.ts";
import { list } from "../../bus/contracts/terminal.ts";
import { row, rows, withPage } from "./open-page.ts";
import { pidOf, tabsWithShells } from "./tabs.ts";
import { eventually, type Workspace } from "./workspace.ts";

const COUNTED = "clear; for i in $(seq 1 30); do echo line $i; sleep 0.1; done";
const ALL_LINES = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`);

function fixture(name: string): string {
  return resolve(import.meta.dirname, `../fixtures/actors/${name}.ts`);
}

function toast(page: Page, text: string): Locator {
  return page.getByTestId("toast").filter({ hasText: text });
}

async function words(found: Locator): Promise<[string, string]> {
  await found.waitFor();
  const title = await found.locator("strong").textContent();
  const text = await found.locator(".toast-text").textContent();
  return [title ?? "", text ?? ""];
}

async function processRow(workspace: Workspace, name: string): Promise<ProcessRow> {
  const peer = await workspace.attach();
  const { processes } = await peer.request(processesList, {});
  peer.close();
  const found = processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`no process ${name}`);
  return found;
}

it("a restarted process: shells kept, bytes lost and calls failed are those that were", () =>
  withPage(async ({ page, workspace }) => {
    await page.keyboard.press("Control+Shift+T");
    await page.keyboard.press("Control+Shift+T");
    await tabsWithShells(page, 3);
    await page.keyboard.type(`${COUNTED}\n`);
    await row(page, "line 5", (line) => line === "line 5");
    const pid = await pidOf(workspace, "terminal");
    process.kill(pid, "SIGSTOP");
    const peer = await workspace.attach();
    const call = peer.request(list, {}).then(
      () => "answered",
      (error: unknown) => (error as { code: string }).code,
    );
    const failing = await eventually("the call is under way", async () => {
      const { callsInFlight } = await processRow(workspace, "terminal");
      return callsInFlight > 0 ? callsInFlight : undefined;
    });
    const beganMs = performance.now();
    process.kill(pid, "SIGKILL");
    const [title, text] = await words(toast(page, "terminal restarted"));
    const tookMs = performance.now() - beganMs;
    expect(await call).toBe("bus/down");
    peer.close();
    const [, figure = "", unit = ""] = /^terminal restarted in ([\d.]+) (ms|s)$/.exec(title) ?? [];
    expect(Number(figure) * (unit === "s" ? 1_000 : 1)).toBeGreaterThan(0);
    expect(Number(figure) * (unit === "s" ? 1_000 : 1)).toBeLessThan(tookMs + 100);
    const calls = failing === 1 ? "1 call failed" : `${failing} calls failed`;
    expect(text).toBe(`3 shells kept, 0 bytes lost, ${calls}.`);
    await row(page, "line 30", (line) => line === "line 30");
    expect((await rows(page)).filter((line) => line.startsWith("line"))).toEqual(ALL_LINES);
    await toast(page, "terminal restarted").getByRole("button", { name: "Details" }).click();
    await page.getByTestId("bottom-group").getByText("SIGKILL").first().waitFor();
  }));

it("the same again within a minute: one toast, counted", () =>
  withPage(async ({ page, workspace }) => {
    const beganMs = performance.now();
    for (let kill = 1; kill <= 3; kill += 1) {
      const before = await processRow(workspace, "terminal");
      process.kill(before.pid ?? 0, "SIGSEGV");
      await eventually(`kill ${kill} is told`, async () => {
        const told = kill === 1 ? "terminal restarted in" : `terminal restarted ${kill} times in`;
        return (await toast(page, told).count()) === 1 || undefined;
      });
    }
    const [title, text] = await words(toast(page, "terminal restarted"));
    const seconds = /^terminal restarted 3 times in ([\d.]+) s$/.exec(title)?.[1];
    expect(Number(seconds)).toBeLessThanOrEqual((performance.now() - beganMs) / 1_000 + 1);
    expect(text).toMatch(/^Last: signal SIGSEGV, 1 shell kept, 0 bytes lost, \d+ calls? failed\.$/);
    expect(await toast(page, "terminal restarted").count()).toBe(1);
  }));

it("a process that hangs: for how long, and that the stuck code was recorded", () =>
  withPage(
    async ({ page, workspace }) => {
      const peer = await workspace.attach();
      const call = peer.requestRaw("hang.javascript", {}, { timeoutMs: 60_000 }).then(
        () => "answered",
        (error: unknown) => (error as { code: string }).code,
      );
      const found = toast(page, "hang did not answer");
      expect(await words(found)).toEqual([
        "hang did not answer for 10 s and was restarted",
        "The stuck code was recorded, 1 call failed.",
      ]);
      expect(await found.getAttribute("data-level")).toBe("warn");
      expect(await call).toBe("bus/down");
      peer.close();
      await found.getByRole("button", { name: "Details" }).click();
      await page.getByTestId("bottom-group").getByText("spinForever").first().waitFor();
    },
    { children: [{ name: "hang", script: fixture("hang") }] },
  ));

it("a process over its memory limit: which limit it passed", () =>
  withPage(
    async ({ page, workspace }) => {
      const peer = await workspace.attach();
      // It may be ended before it can answer.
      await peer.requestRaw("leak.take", { mib: 260 }).catch(() => undefined);
      peer.close();
      const found = toast(page, "leak passed");
      const [title] = await words(found);
      expect(title).toBe("leak passed 256 MB and was restarted");
      expect(await found.getAttribute("data-level")).toBe("warn");
      await found.getByRole("button", { name: "Details" }).waitFor();
    },
    {
      children: [
        {
          name: "leak",
          script: fixture("leak"),
          softBytes: 240 * 1024 * 1024,
          hardBytes: 256 * 1024 * 1024,
        },
      ],
    },
  ));

it("a process that is stopped: the limit it broke, its last end, and Try again", () =>
  withPage(
    async ({ page, workspace }) => {
      await page.getByTestId("rail-agent").click();
      const banner = page.getByTestId("banner-model");
      await banner.waitFor();
      const { why, reason } = await processRow(workspace, "model");
      expect(why).toMatch(/^\d+ (crashes|ends) in \d+ (s|min)$/);
      expect(reason).toContain("Cannot find module 'x'");
      expect(await banner.locator(".banner-words").textContent()).toBe(
        `model stopped: ${why}. ${reason}.`,
      );
      writeFileSync(join(workspace.stateDir, "mended"), "");
      await banner.getByRole("button", { name: "Try again" }).click();
      await banner.waitFor({ state: "detached" });
      expect((await processRow(workspace, "model")).why).toBe("");
    },
    { children: [{ name: "model", script: fixture("crash"), delayFirstMs: 1 }] },
  ));

it("a paused process: what is held, and Resume", () =>
  withPage(async ({ page, workspace }) => {
    const peer = await workspace.attach();
    await peer.request(act, { name: "terminal", act: "suspend", endShells: false });
    const banner = page.getByTestId("banner-terminal");
    await banner.waitFor();
    const calls = Promise.all([peer.request(list, {}), peer.request(list, {})]);
    await eventually("the banner counts what is held", async () => {
      const { held } = await processRow(workspace, "terminal");
      const says = await banner.locator(".banner-words").textContent();
      const counted = held === 1 ? "1 message" : `${held} messages`;
      return held >= 2 && says === `terminal is paused by you. ${counted} held.` ? true : undefined;
    });
    await banner.getByRole("button", { name: "Resume" }).click();
    await banner.waitFor({ state: "detached" });
    expect((await calls)[0].sessions).toHaveLength(1);
    peer.close();
  }));

it("a hub that is away: attempts as they are made, and Try now", () =>
  withPage(async ({ page, workspace }) => {
    let made = 0;
    page.on("websocket", () => {
      made += 1;
    });
    workspace.holdHub(true);
    process.kill(workspace.hubPid(), "SIGKILL");
    const banner = page.getByTestId("banner-link");
    await banner.waitFor();
    expect(await banner.locator(".banner-words").textContent()).toBe(
      "Reconnecting. Shells keep running.",
    );
    const says = await eventually("the attempts are told", async () => {
      const text = (await banner.locator(".banner-words").textContent()) ?? "";
      return /Attempt/.test(text) ? { text, made } : undefined;
    });
    const [, attempt = "", wait = ""] =
      /^Reconnecting\. Shells keep running\. Attempt (\d+), next in (\d+) s\.$/.exec(says.text) ??
      [];
    expect(Math.abs(Number(attempt) - says.made)).toBeLessThanOrEqual(1);
    expect(Number(attempt)).toBeGreaterThan(3);
    expect(Number(wait)).toBeLessThanOrEqual(2);
    await banner.getByRole("button", { name: "Details" }).waitFor();
    const before = made;
    await banner.getByRole("button", { name: "Try now" }).click();
    await eventually("another attempt", () => (made > before ? true : undefined));
    workspace.holdHub(false);
    await banner.waitFor({ state: "detached" });
  }));
