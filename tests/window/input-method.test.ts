/** Input methods of GTK in the real window: keys are the X server's and go through the toolkit, as a person's do. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { startApp, type WindowApp } from "./harness/app.ts";
import { Key } from "./harness/driver.ts";
import { eventually } from "./harness/processes.ts";

let app: WindowApp;
afterEach(async () => {
  await app?.end();
});

/** Between two keys, milliseconds. */
const KEY_MS = "30";
const SCREEN = `return [...document.querySelectorAll(".xterm-rows > div")].map((row) => row.textContent).join("\\n")`;

const PASTE = `
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", arguments[0]);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);`;

test("a transliteration, with and without a preedit, writes each letter once", async () => {
  await open({ GTK_IM_MODULE: "cyrillic_translit" });
  type("privet shch");
  await eventually("the last letter is on its way", async () =>
    (await app.evaluate<string>(SCREEN)).includes("привет") ? true : undefined,
  );
  expect(await typed()).toBe("привет щ\n");
});

test("a character by its number is shown while it is composed, and written once", async () => {
  await open({ GTK_IM_MODULE: "gtk-im-context-simple" });
  type("a");
  key("ctrl+shift+u");
  type("e4");
  const preedit = `return document.querySelector(".composition-view.active")?.textContent ?? ""`;
  await eventually("what is composed is shown", async () =>
    (await app.evaluate<string>(preedit)).includes("e4") ? true : undefined,
  );
  key("Return");
  type("b");
  expect(await typed()).toBe("aäb\n");
});

test("a dead key waits for its letter", async () => {
  await open({ GTK_IM_MODULE: "gtk-im-context-simple" });
  key("dead_acute", "e");
  type("x");
  key("dead_circumflex", "o", "dead_diaeresis", "space");
  expect(await typed()).toBe('éxô"\n');
});

/** An app whose terminal keeps what it reads. */
async function open(env: NodeJS.ProcessEnv): Promise<void> {
  app = await startApp({ env });
  await shows("$ ");
  await app.click(".xterm");
  // Typed it would go through the input method.
  await app.execute(PASTE, 'echo rea""dy; cat > typed');
  await app.chord(Key.enter);
  await shows("ready");
  const window = xdotool("search", "--onlyvisible", "--name", "Bulkhead").split("\n").at(-1) ?? "";
  xdotool("windowfocus", "--sync", window);
}

/** Ends the line, and everything the program has read. */
async function typed(): Promise<string> {
  key("Return", "ctrl+d");
  const path = join(app.workspace, "typed");
  return eventually("the line has arrived", () => {
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    return text.endsWith("\n") ? text : undefined;
  });
}

function shows(words: string): Promise<true> {
  return eventually(`the screen shows ${words}`, async () =>
    (await app.evaluate<string>(SCREEN).catch(() => "")).replaceAll("\u00a0", " ").includes(words)
      ? true
      : undefined,
  );
}

function type(text: string): void {
  xdotool("type", "--delay", KEY_MS, "--", text);
}

function key(...names: string[]): void {
  xdotool("key", "--delay", KEY_MS, ...names);
}

function xdotool(...args: string[]): string {
  return spawnSync("xdotool", args, { env: app.env, encoding: "utf8" }).stdout.trim();
}
