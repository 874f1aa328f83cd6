/** A page of a real workspace in Chromium, and what tests read from it. */
import { type Browser, chromium, type Page } from "playwright-core";
import { type DrillChildren, eventually, startWorkspace, type Workspace } from "./workspace.ts";

export interface OpenPage {
  readonly page: Page;
  readonly workspace: Workspace;
  /** Errors the page threw or logged, but not refused connections. */
  readonly errors: readonly string[];
}

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Processes beside the hub's own, or in their place. */
  readonly children?: DrillChildren;
  /** Before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** After it is loaded, before its first prompt. */
  readonly early?: (page: Page) => Promise<void>;
}

/** Runs `test` on a workspace and a page of its own, and ends both. */
export async function withPage(
  test: (open: OpenPage) => Promise<void>,
  options: OpenOptions = {},
): Promise<void> {
  const workspace = await startWorkspace(options.settings, options.children);
  try {
    const browser = await launch();
    try {
      const open = await openPage(browser, workspace, options);
      await test(open);
    } finally {
      await browser.close();
    }
  } finally {
    await workspace.end();
  }
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"],
  });
}

/** Resolves when the first terminal has a prompt. */
export async function openPage(
  browser: Browser,
  workspace: Workspace,
  options: OpenOptions,
): Promise<OpenPage> {
  const { width = 1280, height = 800 } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    const isRefused = /WebSocket connection|ERR_CONNECTION/.test(message.text());
    if (message.type() === "error" && !isRefused) errors.push(message.text());
  });
  await options.prepare?.(page);
  await page.goto(workspace.url);
  await options.early?.(page);
  await prompt(page);
  return { page, workspace, errors };
}

/** Rows of the terminal that has the focus class, or of the only one. */
export function rows(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const terminals = [...document.querySelectorAll(".xterm")];
    const active = terminals.find((element) => element.classList.contains("focus")) ?? terminals[0];
    const lines = [...(active?.querySelector(".xterm-rows")?.children ?? [])];
    return lines.map((line) => (line.textContent ?? "").replaceAll("\u00a0", " ").trimEnd());
  });
}

/** Waits until the last written line is a bare prompt. */
export async function prompt(page: Page): Promise<void> {
  await eventually("a prompt", async () => {
    const written = (await rows(page)).filter((line) => line !== "");
    return written.at(-1) === "$" || undefined;
  });
}

let runs = 0;

/** Types a line into whatever has the focus, waits for the prompt after it, and returns what it printed. */
export async function run(page: Page, line: string): Promise<string[]> {
  runs += 1;
  const mark = `end-of-${runs}`;
  // Typed as an expression, so that only the output holds the mark itself.
  await page.keyboard.type(`clear; ${line}; echo end-of-$((${runs}))\n`);
  await eventually(`the end of ${line}`, async () => {
    const written = (await rows(page)).filter((text) => text !== "");
    return (written.at(-1) === "$" && written.at(-2) === mark) || undefined;
  });
  return (await rows(page)).filter((text) => !["", "$", mark].includes(text));
}

/** Waits until a row satisfies `test`. */
export function row(page: Page, words: string, test: (line: string) => boolean): Promise<string> {
  return eventually(words, async () => (await rows(page)).find(test));
}

/** From the next load on the document says what the window writes into one that replaces a crashed page. */
export async function sayCrashed(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const write = (): void => {
      const boot = document.getElementById("boot");
      if (boot === null) return;
      document.removeEventListener("readystatechange", write);
      const crash = { reason: "crashed", atMs: Date.now() };
      boot.textContent = JSON.stringify({ ...JSON.parse(boot.textContent ?? ""), crash });
    };
    document.addEventListener("readystatechange", write);
  });
}
