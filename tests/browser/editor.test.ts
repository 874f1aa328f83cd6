/** The editor in a real page, on the real actor and file guard. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { dirty, editor, live, openFile, openText, save, shows, text, write } from "./editors.ts";
import { withPage } from "./open-page.ts";
import { pidOf } from "./tabs.ts";
import { eventually } from "./workspace.ts";

describe("a file", () => {
  it("is opened at a line, edited, marked, saved byte for byte and undone", () =>
    withPage(async ({ page, workspace, errors }) => {
      const path = write(workspace, "src/main.ts", "\ufeffconst a = 1;\r\nconst b = 2;\r\n");
      await openText(page, "src/main.ts:2");
      expect(await page.getByTestId("status-position").textContent()).toBe("Ln 2, Col 1");
      expect(await page.getByTestId("status-format").textContent()).toBe("UTF-8 BOM CRLF");
      await eventually("its language is known", async () =>
        (await page.getByTestId("status-language").textContent()) === "TypeScript"
          ? true
          : undefined,
      );
      await page.keyboard.type("let c = 3;\n");
      await dirty(page, "src/main.ts", true);
      await save(page, "src/main.ts");
      expect(readFileSync(path, "utf8")).toBe(
        "\ufeffconst a = 1;\r\nlet c = 3;\r\nconst b = 2;\r\n",
      );
      expect(await page.getByTestId("status-meter").textContent()).toMatch(/^\d{2,3} B\/edit$/);
      // The line break is a step of its own.
      await page.keyboard.press("Control+z");
      await page.keyboard.press("Control+z");
      await shows(page, "const a = 1;\nconst b = 2;\n");
      await page.keyboard.press("Control+Shift+Z");
      await page.keyboard.press("Control+Shift+Z");
      await shows(page, "const a = 1;\nlet c = 3;\nconst b = 2;\n");
      await dirty(page, "src/main.ts", false);
      expect(errors).toEqual([]);
    }));

  it("is shown by two views that have one text, one undo and one place to begin with", () =>
    withPage(async ({ page, workspace }) => {
      const lines = Array.from({ length: 300 }, (_, at) => `line ${at + 1}`);
      write(workspace, "long.txt", `${lines.join("\n")}\n`);
      await openText(page, "long.txt:200");
      await page.keyboard.press("Control+Shift+D");
      await eventually("two views", async () =>
        (await page.getByTestId("editor").count()) === 2 ? true : undefined,
      );
      await live(page);
      await eventually("the second looks where the first does", async () =>
        (await page.getByTestId("status-position").textContent()) === "Ln 200, Col 1"
          ? true
          : undefined,
      );
      await page.keyboard.type("both ");
      const [first, second] = [
        page.getByTestId("editor").first(),
        page.getByTestId("editor").last(),
      ];
      for (const view of [first, second])
        await eventually("both show it", async () =>
          (await text(page, view)).includes("both line 200") ? true : undefined,
        );
      await first.locator(".cm-content").focus();
      await page.keyboard.press("Control+z");
      for (const view of [first, second])
        await eventually("both take it back", async () =>
          (await text(page, view)).includes("both") ? undefined : true,
        );
    }));

  it("goes through an outside change and a conflict with nothing lost", () =>
    withPage(async ({ page, workspace }) => {
      const path = write(workspace, "a.txt", "one\ntwo\nthree\nfour\nfive\n");
      await openText(page, "a.txt");
      await page.keyboard.press("End");
      await page.keyboard.type(" mine");
      await dirty(page, "a.txt", true);
      writeFileSync(path, "one\ntwo\nthree\nfour\nFIVE\n");
      await shows(page, "one mine\ntwo\nthree\nfour\nFIVE\n");
      await eventually("the strip tells", async () => {
        const words = await page.getByTestId("editor-merged").locator("span").first().textContent();
        return words === "a.txt changed on disk; 1 change merged." || undefined;
      });
      writeFileSync(path, "one theirs\ntwo\nthree\nfour\nFIVE\n");
      await page.getByTestId("conflict").waitFor();
      const strip = page.getByTestId("editor-merged");
      expect(await strip.locator("span").first().textContent()).toBe(
        "a.txt changed on disk; 1 change merged, 1 conflict.",
      );
      await page.keyboard.press("Control+s");
      await page.getByTestId("toast").filter({ hasText: "settle the conflicts" }).waitFor();
      await page.getByRole("button", { name: "Keep both" }).click();
      await page.getByTestId("conflict").waitFor({ state: "detached" });
      await editor(page).locator(".cm-content").focus();
      await save(page, "a.txt");
      expect(readFileSync(path, "utf8")).toBe("one mine\none theirs\ntwo\nthree\nfour\nFIVE\n");
    }));

  it("that was deleted is said to be, and made again by saving", () =>
    withPage(async ({ page, workspace }) => {
      const path = write(workspace, "gone.txt", "still here\n");
      await openText(page, "gone.txt");
      rmSync(path);
      await page.getByTestId("editor-banner").filter({ hasText: "was deleted on disk" }).waitFor();
      await page.keyboard.press("Control+s");
      await eventually("it is there again", () =>
        existsSync(path) && readFileSync(path, "utf8") === "still here\n" ? true : undefined,
      );
    }));

  it("that was renamed with unsaved edits says so, is shown under its new name and saved there", () =>
    withPage(async ({ page, workspace, errors }) => {
      const path = write(workspace, "was.txt", "one\n");
      await openText(page, "was.txt");
      await page.keyboard.type("mine ");
      await dirty(page, "was.txt", true);
      renameSync(path, join(workspace.folder, "is.txt"));
      const banner = page.getByTestId("editor-banner");
      await banner.getByText("was.txt is is.txt now.").waitFor();
      await banner.getByRole("button", { name: "Show is.txt" }).click();
      await live(page);
      await shows(page, "mine one\n");
      expect(await page.locator('[data-testid^=tab-editor][data-path$="/was.txt"]').count()).toBe(
        0,
      );
      await page.keyboard.type("more ");
      await save(page, "is.txt");
      expect(readFileSync(join(workspace.folder, "is.txt"), "utf8")).toContain("mine ");
      expect(existsSync(path)).toBe(false);
      expect(errors).toEqual([]);
    }));

  it("is closed without a question, kept with its edits, and brought back by keys alone", () =>
    withPage(async ({ page, workspace }) => {
      const path = write(workspace, "kept.txt", "one\n");
      await openText(page, "kept.txt");
      await page.keyboard.type("not saved ");
      await dirty(page, "kept.txt", true);
      await page.keyboard.press("Control+Shift+W");
      await page.getByTestId("toast").filter({ hasText: "Closed kept.txt" }).waitFor();
      await page.getByTestId("editor").waitFor({ state: "detached" });
      process.kill(await pidOf(workspace, "editor-sync"), "SIGKILL");
      await page.keyboard.press("Control+Shift+L");
      await live(page);
      await shows(page, "not saved one\n");
      await page.getByTestId("editor-banner").filter({ hasText: "Restored." }).waitFor();
      await page.keyboard.press("Control+Shift+P");
      await page.keyboard.type("discard");
      await page.keyboard.press("Enter");
      await shows(page, "one\n");
      expect(readFileSync(path, "utf8")).toBe("one\n");
    }));

  it("is tidied on saving as .editorconfig says, in one step of undo", () =>
    withPage(async ({ page, workspace }) => {
      const rules =
        "trim_trailing_whitespace = true\ninsert_final_newline = true\nindent_style = tab\n";
      write(workspace, ".editorconfig", `root = true\n[*.c]\n${rules}`);
      const path = write(workspace, "x.c", "int a;  \nint b;");
      await openText(page, "x.c");
      await eventually("the rules are read", async () =>
        (await page.getByTestId("status-indentation").textContent()) === "Tabs: 2"
          ? true
          : undefined,
      );
      await page.keyboard.type("x");
      await save(page, "x.c");
      expect(readFileSync(path, "utf8")).toBe("xint a;\nint b;\n");
      await page.keyboard.press("Control+z");
      await shows(page, "xint a;  \nint b;");
    }));

  it("is saved when the focus leaves it, where the setting says so", () =>
    withPage(
      async ({ page, workspace }) => {
        const path = write(workspace, "auto.txt", "");
        await openText(page, "auto.txt");
        await page.keyboard.type("kept by itself");
        await page.keyboard.press("Control+`");
        await eventually("it is on disk", () =>
          readFileSync(path, "utf8") === "kept by itself" ? true : undefined,
        );
      },
      { settings: { "editor.autosave": "focus-loss" } },
    ));
});

describe("what cannot be edited", () => {
  it("says why: closed by a rule, missing, no text, a picture", () =>
    withPage(async ({ page, workspace, errors }) => {
      write(workspace, ".env", "SECRET=1\n");
      write(workspace, "b.bin", new Uint8Array([0, 1, 2, 255, 72, 105]));
      const pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
      write(workspace, "dot.png", Buffer.from(pixel, "base64"));
      write(workspace, "latin.txt", new Uint8Array([0x67, 0x72, 0xfc, 0xdf, 0x65, 10]));
      await openFile(page, "b.bin");
      await eventually("its bytes are shown", async () =>
        (await page.getByTestId("paged-rows").textContent())?.includes("00 01 02 ff 48 69")
          ? true
          : undefined,
      );
      await openFile(page, "dot.png");
      await page.getByTestId("editor-image").getByText("1 x 1 pixels").waitFor();
      await openFile(page, "latin.txt");
      await page.getByTestId("editor-banner").filter({ hasText: "Read only." }).waitFor();
      await shows(page, "gr\u00fc\u00dfe\n");
      await page.keyboard.type("not taken");
      await shows(page, "gr\u00fc\u00dfe\n");
      await page.locator('.explorer-row[data-name=".env"]').dblclick();
      expect(errors).toEqual([]);
    }));

  it(
    "is read by ranges when it is large, and its lines however long",
    () =>
      withPage(async ({ page, workspace, errors }) => {
        write(workspace, "line.txt", "x".repeat(50 * 1024 * 1024));
        const lines = Array.from({ length: 1_500_000 }, (_, at) => `line ${at + 1}`);
        write(workspace, "large.txt", `${lines.join("\n")}\n`);
        await openFile(page, "line.txt");
        await page.getByText("the rest of this line is not shown").waitFor();
        await openFile(page, "large.txt");
        await page.getByTestId("editor-banner").filter({ hasText: "Read only." }).waitFor();
        await eventually("it begins", async () =>
          (await page.locator(".paged-text").allTextContents()).includes("line 1")
            ? true
            : undefined,
        );
        await page.keyboard.press("Control+g");
        await page.keyboard.type("1234567");
        await page.keyboard.press("Enter");
        await eventually("the line is in view", async () =>
          (await page.locator(".paged-text").allTextContents()).includes("line 1234567")
            ? true
            : undefined,
        );
        await findInLarge(page);
        expect(errors).toEqual([]);
      }),
    120_000,
  );
});

/** Of 1,500,000 lines `line N`: from the one in view on, by pattern, over the ends, and what is wrong with a pattern. */
async function findInLarge(page: Page): Promise<void> {
  const marked = page.locator(".paged-marked .paged-text");
  const isMarked = (line: string) =>
    eventually(`${line} is marked`, async () =>
      (await marked.allTextContents())[0] === line ? true : undefined,
    );
  const says = (words: string) => page.getByTestId("large-search").getByText(words).waitFor();
  await page.keyboard.press("Control+f");
  const input = page.getByRole("textbox", { name: "Find in this file" });
  await input.fill("line 77777");
  await isMarked("line 77777");
  await says("1 of 11 lines");
  await page.keyboard.press("Enter");
  await isMarked("line 777770");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.press("Shift+Enter");
  await isMarked("line 777779");
  await page.getByRole("button", { name: "Regular expression" }).click();
  await input.fill("line (1499999|12)$");
  await says("2 of 2 lines");
  await isMarked("line 1499999");
  await input.fill("line (");
  await says("unclosed group");
  await input.fill("nothing like it");
  await says("No match");
  await input.press("Escape");
  await input.waitFor({ state: "detached" });
  expect(await page.evaluate(() => document.activeElement?.className)).toContain("paged-rows");
}
