/** Tabs and terminals of a page, and what the hub keeps of them. */
import type { Locator, Page } from "playwright-core";
import { processesList, stateGet } from "../../bus/contracts/hub.ts";
import { eventually, type Workspace } from "./workspace.ts";

/** Tabs, not what is drawn in them. */
export function tabs(page: Page): Locator {
  return page.getByTestId(/^tab-terminal-/);
}

/** Waits until that many tabs have a shell. */
export async function tabsWithShells(page: Page, count: number): Promise<void> {
  await eventually(`${count} tabs with shells`, async () => {
    const shown = await page.locator("[data-testid^=tab-terminal-][data-session]").count();
    return shown === count || undefined;
  });
}

/** Waits until that many terminals are in view. */
export async function terminals(page: Page, count: number): Promise<void> {
  await eventually(`${count} terminals in view`, async () => {
    const shown = await page.locator(".xterm-rows").count();
    return shown === count || undefined;
  });
}

/** Waits until the stored layout satisfies `test`. */
export async function layoutStored(
  workspace: Workspace,
  words: string,
  test: (layout: string) => boolean,
): Promise<void> {
  const peer = await workspace.attach();
  await eventually(`the stored layout: ${words}`, async () => {
    const { value } = await peer.request(stateGet, { key: "layout" });
    return test(JSON.stringify(value)) || undefined;
  });
  peer.close();
}

/** Waits until the stored layout names `count` tabs. */
export function layoutSaved(workspace: Workspace, count: number): Promise<void> {
  return layoutStored(workspace, `${count} tabs`, (layout) => {
    return (layout.match(/"contentComponent"/g) ?? []).length === count;
  });
}

/** Pid of a process of the hub. @throws Error when it has none. */
export async function pidOf(workspace: Workspace, name: string): Promise<number> {
  const peer = await workspace.attach();
  const { processes } = await peer.request(processesList, {});
  peer.close();
  const pid = processes.find((process) => process.name === name)?.pid;
  if (pid === null || pid === undefined) throw new Error(`${name} has no pid`);
  return pid;
}
