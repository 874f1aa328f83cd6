/** A served instance with its page in Chromium. */
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { makeFolders } from "../../bench/app/folders.ts";
import { startInstance } from "../../bench/app/instance.ts";
import { launch } from "../../browser/open-page.ts";
import { makeLoggingShell } from "./shell-log.ts";
import { callOf, type Parts, type Stage } from "./stage.ts";

const VIEWPORT = { width: 1000, height: 640 };

/** Starts `bulkhead serve` and opens its page; its first shell may not be there yet. */
export async function openBrowserStage(): Promise<Stage> {
  const folders = makeFolders();
  const logs = join(folders.base, "shell");
  const env = { BULKHEAD_DRILL: "1", SHELL: makeLoggingShell(logs) };
  const instance = startInstance("serve", folders, env);
  let browser: Browser | undefined;
  const end = async (): Promise<void> => {
    await browser?.close();
    await instance.end();
    folders.remove();
  };
  try {
    browser = await launch();
    const context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: "reduce" });
    const pages = new Pages(context);
    await pages.open(await instance.url());
    return stageOf(pages, { folders, logs, end, said: () => instance.root.stderr() });
  } catch (error) {
    await end();
    throw error;
  }
}

type Rest = Pick<Stage, "folders" | "logs" | "said" | "end">;

function stageOf(pages: Pages, rest: Rest): Stage {
  return {
    kind: "browser",
    ...rest,
    get pages() {
      return pages.count;
    },
    evaluate: async (...call) => pages.evaluate(...call),
    type: async (text) => pages.page.keyboard.type(text),
    chord: async (keys) => pages.page.keyboard.press(keys),
    focus: async (session) => pages.page.locator(`${testId(session)} .xterm-screen`).click(),
    resize: async (width, height) => pages.page.setViewportSize({ width, height }),
    async click(session, { x, y }) {
      const screen = pages.page.locator(`${testId(session)} .xterm-screen`);
      const box = await screen.boundingBox();
      if (box === null) throw new Error(`terminal ${session} is not on the screen`);
      await screen.click({ position: { x: x * box.width, y: y * box.height } });
    },
    crashPage: () => pages.crash(),
    killWindow: () => Promise.reject(new Error("a served instance has no window")),
    killRoot: () => Promise.reject(new Error("the root is killed under the window")),
    killAll: () => Promise.reject(new Error("everything is killed under the window")),
  };
}

function testId(session: string): string {
  return `[data-testid="terminal-${session}"]`;
}

/** Pages one after the other: a crashed one cannot be used again. */
class Pages {
  count = 0;
  readonly #context: BrowserContext;
  #page: Page | undefined;

  constructor(context: BrowserContext) {
    this.#context = context;
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error("there is no page");
    return this.#page;
  }

  async open(url: string): Promise<void> {
    const page = await this.#context.newPage();
    await page.goto(url);
    await page.waitForURL(/\/s\//);
    this.#page = page;
    this.count += 1;
  }

  evaluate<A, T, P extends Parts>(
    body: (argument: A, parts: P) => T,
    argument: A,
    parts?: P,
  ): Promise<T> {
    return this.page.evaluate(callOf(body, argument, parts)) as Promise<T>;
  }

  async crash(): Promise<number> {
    const { page } = this;
    const url = page.url();
    const crashed = page.waitForEvent("crash");
    const control = await this.#context.newCDPSession(page);
    const killedMs = Date.now();
    // Never answered: the process that would answer is gone.
    control.send("Page.crash").catch(() => undefined);
    await crashed;
    this.#page = undefined;
    // Two pages that show the same workspace would be two views; the dead one goes first.
    await page.close();
    await this.open(url);
    return killedMs;
  }
}
