/**
 * The picture of the README: the real window, two shells, the process list, and the toast after a kill of the
 * terminal's actor from the list. Run: node tests/bench/app/picture.ts (after npm run build)
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startApp, type WindowApp } from "../../window/harness/app.ts";
import { Key } from "../../window/harness/driver.ts";
import { eventually } from "../../window/harness/processes.ts";

const FOLDER = resolve(import.meta.dirname, "../../../shell/assets/screenshots");
/** What the left shell runs, and what the end of its output holds. */
const LEFT = [
  ["clear; ls -CF --color=always -w 70 /usr/share | head -8; echo", "applications/"],
  ["for n in 1 2 3 4; do printf '\\e[32mok\\e[0m  step %s\\n' $n; done", "step 4"],
] as const;
const RIGHT = "clear; while sleep 1; do echo $$ $((n+=1)) is still counting; done";
/** Lines the right shell has printed before the kill. */
const LINES = 4;

const app = await startApp({ settings: { "window.theme": "dark", "window.reducedMotion": true } });
try {
  await pose(app);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "window-dark.png"), await app.screenshot());
} finally {
  await app.end();
}

async function pose(window: WindowApp): Promise<void> {
  await shows(window, ".xterm-rows", "$");
  await window.chord(Key.control, Key.shift, "b");
  for (const [line, end] of LEFT) {
    await window.type(`${line}${Key.enter}`);
    await shows(window, ".xterm-rows", end);
  }
  await window.chord(Key.control, Key.shift, "d");
  await eventually("a second terminal", async () => {
    const count = "return document.querySelectorAll('.xterm-rows').length";
    return (await window.execute<number>(count)) === 2 || undefined;
  });
  await shows(window, ".xterm.focus .xterm-rows", "$");
  await window.type(`${RIGHT}${Key.enter}`);
  await shows(window, ".xterm.focus .xterm-rows", `${LINES} is still`);
  await window.chord(Key.control, Key.shift, "y");
  await shows(window, '[data-testid="process-row-terminal"]', "terminal");
  // The act's button is drawn while the pointer is over the row, which a driver without a screen cannot do.
  await window.execute(
    "document.querySelector('[data-testid=process-row-terminal] [data-testid=act-kill]').click()",
  );
  await shows(window, '[data-testid="toast"]', "restarted");
  await shows(window, ".xterm-rows", `${LINES + 4} is still`);
}

/** Waits until an element that fits holds the words. */
function shows(window: WindowApp, css: string, words: string): Promise<true> {
  const body = `
    const [css, words] = arguments;
    const all = [...document.querySelectorAll(css)];
    return all.some((one) => one.textContent.replaceAll("\\u00a0", " ").includes(words));`;
  return eventually(
    `${css} shows ${words}`,
    async () => (await window.execute<boolean>(body, css, words)) || undefined,
  );
}
