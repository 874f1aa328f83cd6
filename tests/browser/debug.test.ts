/** The debug panel on a real workspace: what a person does in it, and what it then shows. */
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { processesList } from "../../bus/contracts/hub.ts";
import { list } from "../../bus/contracts/terminal.ts";
import { openText, write } from "./editors.ts";
import { prompt, run, withPage } from "./open-page.ts";
import { eventually, type Workspace } from "./workspace.ts";

describe("Processes", () => {
  it("kills the terminal process after saying what that means, and the shell goes on", () =>
    withPage(async ({ page, errors }) => {
      const [shell] = await run(page, "echo $$");
      await openPanel(page, "processes");
      const row = page.getByTestId("process-row-terminal");
      await eventually("the terminal runs", () => hasState(page, "terminal", "ready"));
      await row.getByTestId("act-kill").hover();
      await eventually("its consequence", async () => {
        const says = await row.getByTestId("act-says").textContent();
        return says?.includes("1 shell stays") || undefined;
      });
      const before = await row.getByRole("gridcell").nth(2).textContent();
      await row.getByTestId("act-kill").click();
      await page.getByTestId("toast").getByText("terminal restarted in").waitFor();
      await eventually("another pid", async () => {
        const pid = await row.getByRole("gridcell").nth(2).textContent();
        return (pid !== "" && pid !== before) || undefined;
      });
      await page.locator(".xterm").first().click();
      await prompt(page);
      expect(await run(page, "echo $$")).toEqual([shell]);
      expect(errors).toEqual([]);
    }));

  it("pauses and resumes a process by keyboard and menu", () =>
    withPage(async ({ page }) => {
      await openPanel(page, "processes");
      const name = "file-guard";
      await eventually("it runs", () => hasState(page, name, "ready"));
      await page.getByTestId(`process-row-${name}`).click();
      await page.getByTestId("processes-table").press("ContextMenu");
      await page.getByTestId("menu-suspend").press("Enter");
      await eventually("it is paused", () => hasState(page, name, "suspended"));
      await page.getByTestId(`process-row-${name}`).click({ button: "right" });
      await page.keyboard.press("Escape");
      await page.getByTestId("debug-menu").waitFor({ state: "detached" });
      await page.getByTestId(`process-row-${name}`).click({ button: "right" });
      await page.getByTestId("menu-resume").click();
      await eventually("it runs again", () => hasState(page, name, "ready"));
    }));

  it("asks before ending the keeper, names what would end, and Esc keeps it", () =>
    withPage(async ({ page, workspace }) => {
      await openPanel(page, "processes");
      const pid = await pidOf(workspace, "keeper");
      await page.getByTestId("process-row-keeper").click();
      await page.getByTestId("process-row-keeper").getByTestId("act-kill").click();
      const dialog = page.getByTestId("dialog");
      await dialog.getByText("will be ended").waitFor();
      await dialog.getByRole("button", { name: "End 1 program" }).waitFor();
      expect(await dialog.getByTestId("dialog-cancel").getAttribute("class")).toContain("primary");
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      expect(await pidOf(workspace, "keeper")).toBe(pid);
    }));

  it("shows how a process got where it is", () =>
    withPage(async ({ page }) => {
      await openPanel(page, "processes");
      await page.getByTestId("process-row-terminal").click();
      await page.getByTestId("processes-table").press("Enter");
      await eventually("the moves", async () => {
        const text = await page.getByTestId("process-detail").textContent();
        return text?.includes("starting to running") || undefined;
      });
    }));
});

describe("what an edit costs", () => {
  it("is told with the process that takes it", () =>
    withPage(async ({ page, workspace }) => {
      write(workspace, "a.txt", "text\n");
      await openText(page, "a.txt");
      await page.keyboard.type("x");
      await openPanel(page, "processes");
      await page.getByTestId("process-row-editor-sync").click();
      await page.getByTestId("processes-table").press("Enter");
      await page
        .getByTestId("edit-meter")
        .getByText(/^1 edit in this page, \d{2,3} B each/)
        .waitFor();
    }));
});

describe("Traffic", () => {
  it("has one row for a call of another client, with its payload", () =>
    withPage(async ({ page, workspace, errors }) => {
      await openPanel(page, "traffic");
      await filter(page, "subject = terminal.list and kind = call");
      await call(workspace);
      await rowsShown(page, 1);
      const row = page.getByTestId("traffic-row");
      await row.dblclick();
      await page.getByTestId("payload-tree").nth(1).getByText("sessions").waitFor();
      await page.getByTestId("detail-hex").click();
      await page.getByLabel("Bytes").first().getByText("0000").waitFor();
      await page.getByTestId("detail-frame").click();
      await page.getByTestId("traffic-detail").getByText("Total").waitFor();
      expect(errors).toEqual([]);
    }));

  it("never has the panel's own calls in it", () =>
    withPage(async ({ page }) => {
      await openPanel(page, "processes");
      await page.getByTestId("process-row-terminal").click();
      await page.getByTestId("processes-table").press("Enter");
      await page.getByTestId("process-detail").getByText("Last moves").waitFor();
      await openPanel(page, "traffic");
      await filter(page, "hub.processes or hub.tap or hub.record");
      await page.getByTestId("traffic-empty").getByText("rows match").waitFor();
    }));

  it("keeps the last good filter on a mistake and points at it, and completes words", () =>
    withPage(async ({ page, workspace }) => {
      await openPanel(page, "traffic");
      await filter(page, "terminal.list");
      await call(workspace);
      await rowsShown(page, 1);
      await filter(page, "total > 50");
      const mistake = page.getByTestId("filter-mistake");
      expect(await mistake.textContent()).toContain("a time needs a unit: us, ms or s");
      await rowsShown(page, 1);
      const input = page.getByTestId("traffic-filter");
      await input.fill("");
      await input.pressSequentially("kind = str");
      await page.getByRole("option", { name: "stream" }).waitFor();
      await input.press("Tab");
      expect(await input.inputValue()).toBe("kind = stream ");
      await mistake.waitFor({ state: "detached" });
    }));

  it("counts what comes while paused and jumps to it", () =>
    withPage(async ({ page, workspace }) => {
      await openPanel(page, "traffic");
      await filter(page, "terminal.list");
      await call(workspace);
      await rowsShown(page, 1);
      await page.getByTestId("traffic-list").press("Space");
      await call(workspace);
      await call(workspace);
      await page.getByTestId("traffic-newer").getByText("2 newer").waitFor();
      await rowsShown(page, 1);
      await page.getByTestId("traffic-list").press("End");
      await rowsShown(page, 3);
    }));

  it("adds a cell to the filter on Ctrl+click", () =>
    withPage(async ({ page, workspace }) => {
      await openPanel(page, "traffic");
      await filter(page, "terminal.list");
      await call(workspace);
      await rowsShown(page, 1);
      await page
        .getByTestId("traffic-row")
        .locator(".cell-result")
        .click({ modifiers: ["Control"] });
      expect(await page.getByTestId("traffic-filter").inputValue()).toBe(
        "terminal.list and status = ok",
      );
      await rowsShown(page, 1);
    }));
});

describe("Crashes", () => {
  it("leads from the report to the frames before the crash", () =>
    withPage(async ({ page, workspace, errors }) => {
      await run(page, "echo before");
      await openPanel(page, "crashes");
      await page.getByTestId("crashes-empty").waitFor();
      process.kill(await pidOf(workspace, "terminal"), "SIGSEGV");
      await page.getByTestId("crash-report").getByText("SIGSEGV").first().waitFor();
      await page.getByTestId("crash-frames").click();
      await eventually(
        "the frames",
        async () => (await page.getByTestId("traffic-row").count()) > 3 || undefined,
      );
      expect(await page.getByTestId("traffic-filter").inputValue()).toMatch(/^crash = /);
      await eventually("the last is selected", async () => {
        const last = page.getByTestId("traffic-row").last();
        return (await last.getAttribute("aria-selected")) === "true" || undefined;
      });
      expect(errors).toEqual([]);
    }));
});

describe("the panel", () => {
  it("is clean by axe-core in all themes and tabs", () =>
    withPage(async ({ page }) => {
      await page.evaluate(createRequire(import.meta.url)("axe-core").source);
      for (const theme of ["dark", "light", "contrast"]) {
        await page.evaluate((name) => {
          document.documentElement.dataset["theme"] = name;
        }, theme);
        await openPanel(page, "processes");
        await page.getByTestId("process-row-terminal").dblclick();
        await page.getByTestId("process-detail").getByText("Last moves").waitFor();
        expect(await violations(page), `${theme} processes`).toEqual([]);
        await openPanel(page, "traffic");
        await page.getByTestId("traffic-row").first().dblclick();
        await page.getByTestId("traffic-detail").waitFor();
        await filter(page, "total > 50");
        expect(await violations(page), `${theme} traffic`).toEqual([]);
        await filter(page, "");
        await openPanel(page, "crashes");
        expect(await violations(page), `${theme} crashes`).toEqual([]);
      }
    }));
});

async function openPanel(page: Page, tab: "processes" | "traffic" | "crashes"): Promise<void> {
  if ((await page.getByTestId("debug-panel").count()) === 0)
    await page.getByTestId("rail-debug").click();
  await page.getByTestId(`debug-tab-${tab}`).click();
}

async function filter(page: Page, text: string): Promise<void> {
  await page.getByTestId("traffic-filter").fill(text);
}

async function hasState(page: Page, name: string, state: string): Promise<true | undefined> {
  const shown = await page.getByTestId(`process-row-${name}`).getAttribute("data-state");
  return shown === state || undefined;
}

function rowsShown(page: Page, count: number): Promise<true> {
  return eventually(
    `${count} rows`,
    async () => (await page.getByTestId("traffic-row").count()) === count || undefined,
  );
}

/** One call of a client that is not the page. */
async function call(workspace: Workspace): Promise<void> {
  const peer = await workspace.attach();
  try {
    await peer.request(list, {});
  } finally {
    peer.close();
  }
}

async function pidOf(workspace: Workspace, name: string): Promise<number> {
  const peer = await workspace.attach();
  try {
    const { processes } = await peer.request(processesList, {});
    const pid = processes.find((row) => row.name === name)?.pid;
    if (typeof pid !== "number") throw new Error(`${name} has no pid`);
    return pid;
  } finally {
    peer.close();
  }
}

/** Rule, target and message of each violation inside the panel. */
function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const axe = Reflect.get(window, "axe");
    const { violations: found } = await axe.run(".debug", { resultTypes: ["violations"] });
    return found.flatMap(
      (rule: { id: string; nodes: Array<{ target: string[]; failureSummary: string }> }) =>
        rule.nodes.map(
          (node) =>
            `${rule.id}: ${node.target.join(" ")} ${node.failureSummary.split("\n")[1] ?? ""}`,
        ),
    );
  });
}
