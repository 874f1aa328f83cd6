/** Input methods in terminals: what is composed is shown, arrives once as UTF-8, and nothing else does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { expect, it } from "vitest";
import { type OpenPage, row, rows, withPage } from "./open-page.ts";
import { pidOf, tabs } from "./tabs.ts";
import { eventually } from "./workspace.ts";

/** Key code of a press that an input method took. */
const TAKEN = 229;

it("is shown while it is composed and arrives once", () =>
  withComposer(async (composer) => {
    await composer.compose("n", "に");
    await composer.compose("i", "にほ");
    expect(await composer.shown()).toBe("にほ");
    await composer.commit("日本");
    expect(await composer.shown()).toBe("");
    await composer.compose("g", "ご");
    await composer.commit("語");
    expect(await composer.typed()).toBe("日本語\n");
  }));

it("is shown at the cursor", () =>
  withComposer(async (composer) => {
    await composer.page.keyboard.type("12345");
    await row(composer.page, "the digits", (line) => line === "12345");
    await composer.compose("n", "に");
    const [view, cursor] = await composer.page.evaluate(() =>
      [".composition-view", ".xterm-cursor"].map((one) => {
        const { x, y, height } =
          document.querySelector(one)?.getBoundingClientRect() ?? new DOMRect();
        return { x: Math.round(x), y: Math.round(y), height: Math.round(height) };
      }),
    );
    expect(view?.x).toBe(cursor?.x);
    expect(view?.y).toBe(cursor?.y);
    await composer.commit("に");
    expect(await composer.typed()).toBe("12345に\n");
  }));

it("takes Enter, Backspace, Escape and arrows for itself", () =>
  withComposer(async (composer) => {
    await composer.compose("k", "か");
    for (const key of ["Enter", "Backspace", "Escape", "ArrowLeft", "Tab"])
      await composer.take(key);
    await composer.commit("蚊");
    expect(await composer.typed()).toBe("蚊\n");
  }));

it("takes chords of the window for itself", () =>
  withComposer(async (composer) => {
    await composer.compose("k", "か");
    await composer.take("T", { ctrl: true, shift: true });
    await composer.commit("か");
    expect(await composer.typed()).toBe("か\n");
    expect(await tabs(composer.page).count()).toBe(1);
  }));

it("that is taken back sends nothing", () =>
  withComposer(async (composer) => {
    await composer.compose("k", "か");
    await composer.compose("Backspace", "");
    expect(await composer.shown()).toBe("");
    await composer.page.keyboard.type("plain");
    expect(await composer.typed()).toBe("plain\n");
  }));

it("is followed by plain keys in their order", () =>
  withComposer(async (composer) => {
    await composer.compose("k", "か");
    await composer.commit("か");
    await composer.page.keyboard.type("a");
    await composer.compose("k", "き");
    await composer.commit("き");
    await composer.page.keyboard.type("b");
    expect(await composer.typed()).toBe("かaきb\n");
  }));

it("keeps all of it, once and in order, when the page gets to it late", () =>
  withComposer(async (composer) => {
    const signs = [..."kasitune"];
    void composer.page.evaluate(keepBusy, 1_000);
    await Promise.all(
      signs.flatMap((sign) => [composer.compose(sign, `か${sign}`), composer.commit(`か${sign}`)]),
    );
    expect(await composer.typed()).toBe(`${signs.map((sign) => `か${sign}`).join("")}\n`);
  }));

/** Runs inside of the page. */
function keepBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it("is not disturbed by a flood of output", () =>
  withComposer(
    async (composer) => {
      await row(composer.page, "the flood", (line) => line.startsWith("flood "));
      await composer.compose("k", "か");
      await composer.compose("n", "かん");
      await composer.commit("漢");
      await composer.compose("j", "じ");
      await row(composer.page, "its end", (line) => line === "flood ends");
      expect(await composer.shown()).toBe("じ");
      await composer.commit("字");
      expect(await composer.typed()).toBe("漢字\n");
    },
    { before: "(for n in $(seq 20000); do echo flood $n; done; echo flood ends) &" },
  ));

it.each(["terminal", "hub"])("goes on when the process of the %s is killed meanwhile", (name) =>
  withComposer(async (composer) => {
    const { page, workspace } = composer;
    const pid = name === "hub" ? workspace.hubPid() : await pidOf(workspace, name);
    await composer.compose("n", "に");
    process.kill(pid, "SIGKILL");
    await composer.compose("h", "にほ");
    await page
      .getByTestId("toast")
      .filter({ hasText: `${name} restarted` })
      .waitFor();
    expect(await composer.shown()).toBe("にほ");
    await composer.compose("n", "にほん");
    await composer.commit("日本");
    expect(await composer.typed()).toBe("日本\n");
  }),
);

it("written without a preedit arrives once, as WebKitGTK tells it", () =>
  withComposer(async (composer) => {
    for (const text of ["п", "р", "и", "вет"]) await composer.page.evaluate(writeDirectly, text);
    await composer.compose("s", "с");
    await composer.commit("с");
    await composer.page.evaluate(writeDirectly, "т");
    expect(await composer.typed()).toBe("приветст\n");
  }));

/** Runs inside of the page: the events of a text that an input method writes at once, in WebKitGTK's order. */
function writeDirectly(text: string): Promise<void> {
  const area = document.activeElement as HTMLTextAreaElement;
  const bubbling = { bubbles: true, composed: true, cancelable: true };
  area.dispatchEvent(
    new KeyboardEvent("keydown", { key: "Unidentified", keyCode: 229, ...bubbling }),
  );
  area.value += text;
  const input = new InputEvent("input", { data: text, isComposing: true, ...bubbling });
  // Chromium does not know this type and would make it an empty one.
  Object.defineProperty(input, "inputType", { value: "insertFromComposition" });
  area.dispatchEvent(input);
  area.dispatchEvent(new CompositionEvent("compositionend", { data: text, ...bubbling }));
  // xterm looks at what came when the events are over.
  return new Promise((resolve) => setTimeout(resolve, 10));
}

it("that a plain key ends is sent before that key, and once", () =>
  withComposer(async (composer) => {
    await composer.compose("k", "か");
    await composer.page.keyboard.type("a");
    await composer.commit("か");
    await composer.page.keyboard.type("b");
    expect(await composer.typed()).toBe("かab\n");
  }));

it("of which the engine tells no end takes nothing from the next one", () =>
  withComposer(async (composer) => {
    await composer.page.evaluate(composeTwice);
    expect(await composer.typed()).toBe("かaか\n");
  }));

/** Runs inside of the page: a key ends the first composition, of which nothing more is heard. */
function composeTwice(): void {
  const area = document.activeElement as HTMLTextAreaElement;
  const bubbling = { bubbles: true, composed: true, cancelable: true };
  const compose = (type: string, data: string): void => {
    area.dispatchEvent(new CompositionEvent(type, { data, ...bubbling }));
  };
  compose("compositionstart", "");
  compose("compositionupdate", "か");
  area.dispatchEvent(new KeyboardEvent("keydown", { key: "a", keyCode: 65, ...bubbling }));
  compose("compositionstart", "");
  compose("compositionupdate", "か");
  compose("compositionend", "か");
}

it("waits when it is ended while the terminal is away, and arrives once", () =>
  withComposer(async (composer) => {
    const { page, workspace } = composer;
    const pid = await pidOf(workspace, "terminal");
    await composer.compose("n", "に");
    process.kill(pid, "SIGKILL");
    await composer.commit("二");
    await page.getByTestId("toast").filter({ hasText: "terminal restarted" }).waitFor();
    expect(await composer.typed()).toBe("二\n");
  }));

interface Composer extends OpenPage {
  /** A key that the input method takes, and what it shows then. */
  compose(key: string, shown: string): Promise<void>;
  /** A key that it takes without another effect. */
  take(key: string, held?: { readonly ctrl?: boolean; readonly shift?: boolean }): Promise<void>;
  commit(text: string): Promise<void>;
  /** What is composed and stands on the screen. */
  shown(): Promise<string>;
  /** Ends the line, and everything the program has read. */
  typed(): Promise<string>;
}

/** A page whose terminal runs a program that keeps what it reads. */
function withComposer(
  test: (composer: Composer) => Promise<void>,
  { before = "" }: { readonly before?: string } = {},
): Promise<void> {
  return withPage(async (open) => {
    const { page, workspace, errors } = open;
    const session = await page.context().newCDPSession(page);
    await page.keyboard.type(`clear; ${before} echo rea""dy; cat > typed\n`);
    // A flood may have taken the word away already.
    await row(page, "cat reads", (line) => line === "ready" || line.startsWith("flood "));
    await test({
      ...open,
      ...keysOf(session),
      shown: () => shownIn(page),
      async typed() {
        await page.keyboard.type("\n");
        await page.keyboard.press("Control+D");
        await eventually("a prompt", () => sendUntilPrompt(page));
        return readFileSync(join(workspace.folder, "typed"), "utf8");
      },
    });
    expect(errors).toEqual([]);
  });
}

/** On a slow machine a process is away for more than two seconds: what was not sent then is sent here. */
async function sendUntilPrompt(page: Page): Promise<true | undefined> {
  const send = page.getByTestId("terminal-not-sent").getByRole("button", { name: "Send" });
  if ((await send.count()) > 0) await send.click();
  return (await rows(page)).findLast((line) => line !== "") === "$" || undefined;
}

function keysOf(session: CDPSession): Pick<Composer, "compose" | "take" | "commit"> {
  const take: Composer["take"] = async (key, { ctrl = false, shift = false } = {}) => {
    const press = {
      key,
      windowsVirtualKeyCode: TAKEN,
      modifiers: (ctrl ? 2 : 0) + (shift ? 8 : 0),
    };
    await Promise.all([
      session.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...press }),
      session.send("Input.dispatchKeyEvent", { type: "keyUp", ...press }),
    ]);
  };
  return {
    take,
    async compose(key, text) {
      const { length: selectionStart } = text;
      const composition = { text, selectionStart, selectionEnd: selectionStart };
      await Promise.all([take(key), session.send("Input.imeSetComposition", composition)]);
    },
    async commit(text) {
      await session.send("Input.insertText", { text });
    },
  };
}

function shownIn(page: Page): Promise<string> {
  return page.evaluate(() => document.querySelector(".composition-view.active")?.textContent ?? "");
}
