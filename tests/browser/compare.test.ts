/** Any two versions of a file beside each other, in a real page over a real git. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { live, openText } from "./editors.ts";
import { withPage } from "./open-page.ts";
import { git, makeRepository, write } from "./repository.ts";
import { eventually, type Workspace } from "./workspace.ts";

const NAME = "docs/guide.md";
const WAIT = { timeout: 20_000 };

/** Runs a command of the palette. */
async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+Shift+P");
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
}

/** Texts of both sides, from left to right. */
function sides(page: Page): Promise<string[]> {
  return page
    .getByTestId("compare")
    .locator(".cm-content")
    .evaluateAll((all) =>
      all.map((side) =>
        [...side.querySelectorAll(".cm-line")].map(({ textContent }) => textContent).join("\n"),
      ),
    );
}

async function shows(page: Page, wanted: readonly [string, string]): Promise<void> {
  let now: readonly string[] = [];
  await eventually(`the sides are ${JSON.stringify(wanted)}`, async () => {
    now = await sides(page);
    return JSON.stringify(now) === JSON.stringify(wanted) || undefined;
  }).catch((error: unknown) => {
    throw new Error(`they are ${JSON.stringify(now)}`, { cause: error });
  });
}

async function choose(page: Page, side: "before" | "after", words: string): Promise<void> {
  await page.getByTestId(`compare-${side}`).click();
  await pick(page, words);
}

/** In the list that is open. */
async function pick(page: Page, words: string): Promise<void> {
  await page.getByTestId("version-input").fill(words);
  await page.locator(".palette-row").filter({ hasText: words }).first().click(WAIT);
}

const names = async (page: Page): Promise<Array<string | null>> => [
  await page.getByTestId("compare-before").textContent(),
  await page.getByTestId("compare-after").textContent(),
];

async function withGuide(
  test: (page: Page, workspace: Workspace, errors: readonly string[]) => Promise<void>,
): Promise<void> {
  await withPage(
    async ({ page, workspace, errors }) => {
      makeRepository(workspace);
      await openText(page, NAME);
      await live(page);
      await test(page, workspace, errors);
    },
    { width: 1280, height: 800 },
  );
}

it("begins with what is on disk and what is here, and follows the typing", () =>
  withGuide(async (page, _workspace, errors) => {
    await command(page, "compare with disk");
    await page.getByTestId("compare-note").getByText("The texts are the same.").waitFor(WAIT);
    expect(await names(page)).toEqual(["on disk", "here"]);
    await page.locator('[data-testid^="tab-editor"]').click();
    await live(page);
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("Typed. ");
    await page.locator('[data-testid^="tab-compare"]').click();
    await shows(page, ["# Guide\n\nRead me twice.\n", "Typed. # Guide\n\nRead me twice.\n"]);
    await page.keyboard.press("F7");
    expect(errors).toEqual([]);
  }));

it("compares with a commit, the index and another file, and swaps the sides", () =>
  withGuide(async (page, workspace, errors) => {
    write(workspace, NAME, "# Guide\n\nStaged.\n");
    git(workspace, "add", NAME);
    write(workspace, "other.md", "# Other\n");
    const first = git(workspace, "rev-parse", "HEAD~1").slice(0, 8);
    await command(page, "compare with another");
    await page.getByTestId("compare-note").getByText("Choose a version.").waitFor(WAIT);
    await page.keyboard.press("Escape");
    await eventually("the disk is taken where nothing was chosen", async () =>
      (await names(page))[0] === "on disk" ? true : undefined,
    );
    await choose(page, "before", `${first} one`);
    await shows(page, ["# Guide\n\nRead me.\n", "# Guide\n\nStaged.\n"]);
    expect(await names(page)).toEqual([first, "here"]);
    await choose(page, "after", "Last commit");
    await shows(page, ["# Guide\n\nRead me.\n", "# Guide\n\nRead me twice.\n"]);
    await choose(page, "before", "Staged");
    await shows(page, ["# Guide\n\nStaged.\n", "# Guide\n\nRead me twice.\n"]);
    await page.getByRole("button", { name: "Swap the sides" }).click();
    await shows(page, ["# Guide\n\nRead me twice.\n", "# Guide\n\nStaged.\n"]);
    await choose(page, "after", "other.md");
    await shows(page, ["# Guide\n\nRead me twice.\n", "# Other\n"]);
    expect(await names(page)).toEqual(["last commit", "other.md"]);
    expect(errors).toEqual([]);
  }));

it("keeps what was chosen over a reload", () =>
  withGuide(async (page, workspace) => {
    await command(page, "compare with disk");
    await choose(page, "before", "Last commit");
    await page.getByTestId("compare-note").getByText("The texts are the same.").waitFor(WAIT);
    await page.getByRole("button", { name: "Side by side" }).waitFor();
    const path = join(workspace.stateDir, "ui", "layout.json");
    await eventually("the layout is stored", async () =>
      existsSync(path) && readFileSync(path, "utf8").includes('"before":"head"') ? true : undefined,
    );
    await page.reload();
    await page.getByTestId("compare-before").waitFor(WAIT);
    expect(await names(page)).toEqual(["last commit", "here"]);
  }));

it("says why a version has no text, and offers no file that a rule closes", () =>
  withGuide(async (page, workspace) => {
    write(workspace, "added.md", "new\n");
    write(workspace, "picture.bin", "\u0000\u0001");
    await openText(page, "added.md");
    await command(page, "compare with another");
    await pick(page, "Last commit");
    const note = page.getByTestId("compare-note");
    await note.getByText("There is no such file: last commit.").waitFor(WAIT);
    await choose(page, "before", "picture.bin");
    await note.getByText("Not a text: picture.bin.").waitFor(WAIT);
    await page.getByTestId("compare-before").click();
    await page.getByTestId("version-input").fill(".env");
    expect(
      await page
        .locator(".palette-row")
        .filter({ hasText: /^\.env/ })
        .count(),
    ).toBe(0);
  }));
