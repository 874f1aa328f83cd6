/** Every chord that works in a terminal, pressed into a bare xterm: it must send nothing a plainer key does not send. */
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildKeymap } from "../../ui/state/keymap.ts";
import { launch } from "./open-page.ts";

/** Bytes that plain keys send: Tab, Shift+Tab, Enter, Alt with a digit. */
const PLAIN = new Set([
  "",
  "\t",
  "\u001b[Z",
  "\r",
  ...Array.from("0123456789", (digit) => `\u001b${digit}`),
]);

const chords = buildKeymap([])
  .bindings.filter(({ where }) => where === "everywhere")
  .map(({ text }) => text);

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  page = await browser.newPage();
  const require = createRequire(import.meta.url);
  await page.setContent("<div id='terminal' style='width:800px;height:400px'></div>");
  await page.addScriptTag({ path: require.resolve("@xterm/xterm/lib/xterm.js") });
  await page.evaluate(() => {
    const made = new (Reflect.get(window, "Terminal"))();
    made.open(document.getElementById("terminal"));
    Reflect.set(window, "sent", "");
    made.onData((data: string) => Reflect.set(window, "sent", Reflect.get(window, "sent") + data));
    made.focus();
  });
});

afterAll(() => browser.close());

it("is listening: a plain letter and Ctrl+C arrive", async () => {
  expect(await sentBy("a")).toBe("a");
  expect(await sentBy("ctrl+c")).toBe("\u0003");
});

it.each(chords)("%s sends nothing of its own", async (chord) => {
  const sent = await sentBy(chord);
  expect(PLAIN.has(sent), JSON.stringify(sent)).toBe(true);
});

async function sentBy(chord: string): Promise<string> {
  await page.evaluate(() => {
    Reflect.set(window, "sent", "");
    document.querySelector<HTMLElement>(".xterm-helper-textarea")?.focus();
  });
  await page.keyboard.press(playwrightName(chord));
  const sent: unknown = await page.evaluate(() => Reflect.get(window, "sent"));
  return String(sent);
}

/** `ctrl+shift+]` as playwright presses it, by position. */
function playwrightName(chord: string): string {
  const names: Readonly<Record<string, string>> = {
    ctrl: "Control",
    shift: "Shift",
    alt: "Alt",
    space: "Space",
    enter: "Enter",
    tab: "Tab",
    pageup: "PageUp",
    pagedown: "PageDown",
    "[": "BracketLeft",
    "]": "BracketRight",
    "`": "Backquote",
    ",": "Comma",
    "=": "Equal",
    "-": "Minus",
  };
  return chord
    .split("+")
    .map((part) => names[part] ?? (/^[0-9]$/.test(part) ? `Digit${part}` : part))
    .map((part) =>
      /^[a-z]$/.test(part) && chord.includes("+") ? `Key${part.toUpperCase()}` : part,
    )
    .join("+");
}
