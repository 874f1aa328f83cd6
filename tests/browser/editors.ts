/** Editors of a page, and how a test opens, reads and drives them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { stateGet } from "../../bus/contracts/hub.ts";
import { eventually, type Workspace } from "./workspace.ts";

/** The editor in the active group, or the only one. */
export function editor(page: Page): Locator {
  return page.locator(".dv-active-group [data-testid=editor]").first();
}

export function write(workspace: Workspace, name: string, content: string | Uint8Array): string {
  const path = join(workspace.folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Opens a file with the keyboard; resolves when its tab is in front. `name` may end with `:line`. */
export async function openFile(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+Shift+O");
  const input = page.getByTestId("quick-open-input");
  await input.fill(name);
  const [path = name] = name.split(":");
  await eventually(`${path} is offered`, async () => {
    const first = page.locator(".palette-active");
    return (
      ((await first.count()) > 0 && (await first.getAttribute("data-path")) === path) || undefined
    );
  });
  await page.keyboard.press("Enter");
  await page.locator(`[data-testid=editor][data-path$="/${path}"]`).first().waitFor();
}

/** Opens a file and waits until its text can be edited. */
export async function openText(page: Page, name: string): Promise<void> {
  await openFile(page, name);
  await live(page);
}

/** The editor in front has its whole text and the focus. */
export async function live(page: Page): Promise<void> {
  await page.locator(".dv-active-group [data-testid=editor][data-phase=live]").first().waitFor();
  await eventually("the text has the focus", async () =>
    (await page.locator(".dv-active-group .cm-content:focus").count()) > 0 ? true : undefined,
  );
}

/** Lines in view of an editor. */
export async function text(page: Page, at: Locator = editor(page)): Promise<string> {
  const lines = await at.locator(".cm-line").allTextContents();
  return lines.join("\n");
}

/** Waits until the lines in view are these. */
export async function shows(page: Page, wanted: string, at: Locator = editor(page)): Promise<void> {
  let last = "";
  await eventually(`the editor shows ${JSON.stringify(wanted)}`, async () => {
    last = await text(page, at);
    return last === wanted || undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; it shows ${JSON.stringify(last)}`);
  });
}

/** Waits until the tab of a file has, or has no, mark of unsaved edits. */
export async function dirty(page: Page, name: string, isDirty: boolean): Promise<void> {
  const mark = page.locator(
    `[data-testid^=tab-editor][data-path$="/${name}"] [data-testid=tab-dirty]`,
  );
  await eventually(`${name} is ${isDirty ? "" : "not "}marked`, async () =>
    (await mark.count()) > 0 === isDirty ? true : undefined,
  );
}

/** Saves with the keyboard and waits until the mark is gone. */
export async function save(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+s");
  await dirty(page, name, false);
}

/** Waits until what the views look at is stored, and satisfies `test`. */
export async function viewsStored(
  workspace: Workspace,
  words: string,
  test: (views: string) => boolean,
): Promise<void> {
  const peer = await workspace.attach();
  await eventually(`stored views: ${words}`, async () => {
    const { value } = await peer.request(stateGet, { key: "editors" });
    return test(JSON.stringify(value)) || undefined;
  });
  peer.close();
}
