/** The promise of the first issue in the real window: split, kill from the panel, go on in the same shell. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startApp, type WindowApp } from "./harness/app.ts";
import { Key } from "./harness/driver.ts";
import { eventually } from "./harness/processes.ts";

let app: WindowApp;

beforeEach(async () => {
  app = await startApp();
});
afterEach(async () => {
  await app?.end();
});

/** Text of every terminal's rows, one string a terminal. */
const SCREENS = `return [...document.querySelectorAll(".xterm-rows")].map((rows) =>
  [...rows.children].map((row) => row.textContent).join("\\n"))`;

function onScreens<T>(
  words: string,
  look: (screens: readonly string[]) => T | undefined,
): Promise<T> {
  return eventually(words, async () => {
    const screens = await app.execute<string[]>(SCREENS).catch(() => []);
    return look(screens);
  });
}

async function typeLine(line: string): Promise<void> {
  await app.type(line);
  await app.chord(Key.enter);
}

function shown(css: string, text = ""): Promise<true> {
  const body = `const found = document.querySelector(arguments[0]);
    return found !== null && found.textContent.includes(arguments[1])`;
  return eventually(`${css} ${text}`, async () =>
    (await app.execute<boolean>(body, css, text).catch(() => false)) ? true : undefined,
  );
}

/** Pid that a line `WORD pid` on one of the screens tells. */
function pidBehind(word: string): Promise<string> {
  return onScreens(`${word} and a pid`, (screens) => {
    for (const screen of screens) {
      const pid = new RegExp(`^${word} (\\d+)`, "m").exec(screen)?.[1];
      if (pid !== undefined) return pid;
    }
    return undefined;
  });
}

test("two shells side by side go on, with their pids, when the panel kills their process", async () => {
  await onScreens("a prompt", ([first]) => (first?.includes("$ ") ? true : undefined));
  await app.click(".xterm");
  await typeLine("echo left $$");
  const left = await pidBehind("left");
  await app.chord(Key.control, Key.shift, "d");
  await onScreens("a second prompt", ([, second]) => (second?.includes("$ ") ? true : undefined));
  await typeLine("echo right $$");
  const right = await pidBehind("right");
  expect(right).not.toBe(left);

  await app.chord(Key.control, Key.shift, "y");
  await shown('[data-testid="process-row-terminal"]', "running");
  await app.hover('[data-testid="process-row-terminal"]');
  await app.hover('[data-testid="process-row-terminal"] [data-testid="act-kill"]');
  await shown('[data-testid="process-row-terminal"] [data-testid="act-says"]', "2 shells stay");
  await app.press();
  await shown('[data-testid="toast"]', "terminal restarted in");
  await shown('[data-testid="toast"]', "2 shells kept, 0 bytes lost");

  await app.click(".xterm");
  await typeLine("echo still $$");
  expect(await pidBehind("still")).toBe(left);
});
