/** Keys of the editor: those of ux.md, those of Vim, and the marks they go to. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { openText, save, shows, write } from "./editors.ts";
import { withPage } from "./open-page.ts";
import { eventually } from "./workspace.ts";

const run = promisify(execFile);

it(
  "comments, selects the next occurrence, finds, replaces and goes on to the search in files",
  () =>
    withPage(async ({ page, workspace }) => {
      write(workspace, "k.ts", "let a = 1;\nlet b = a;\n");
      await openText(page, "k.ts");
      await eventually("its language is there", async () =>
        (await page.getByTestId("status-language").textContent()) === "TypeScript"
          ? true
          : undefined,
      );
      await page.keyboard.press("Control+/");
      await shows(page, "// let a = 1;\nlet b = a;\n");
      await page.keyboard.press("Control+z");
      await page.keyboard.press("Control+Home");
      await page.keyboard.press("Control+d");
      await page.keyboard.press("Control+d");
      await page.keyboard.type("const");
      await shows(page, "const a = 1;\nconst b = a;\n");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+f");
      await page.getByTestId("editor-search").waitFor();
      await page.keyboard.type("const");
      await page.getByTestId("editor-search").getByText("2 matches").waitFor();
      await page.keyboard.press("Tab");
      await page.getByLabel("Replace", { exact: true }).first().fill("var");
      await page.getByRole("button", { name: "Replace all" }).click();
      await shows(page, "var a = 1;\nvar b = a;\n");
      await page.getByTestId("editor-search").getByLabel("Find").focus();
      await page.keyboard.press("Control+f");
      await page.getByTestId("side-search").waitFor();
      expect(await page.getByTestId("search-input").inputValue()).toBe("const");
    }),
  120_000,
);

it(
  "takes Vim's keys where the setting says so, undo and :w among them",
  () =>
    withPage(
      async ({ page, workspace, errors }) => {
        const path = write(workspace, "v.txt", "one\ntwo\n");
        await openText(page, "v.txt");
        await page.locator(".cm-vimMode, .cm-fat-cursor").first().waitFor();
        await page.keyboard.type("ddihello ");
        await page.keyboard.press("Escape");
        await shows(page, "hello two\n");
        await page.keyboard.type(":w\n");
        await eventually("it is saved", () =>
          readFileSync(path, "utf8") === "hello two\n" ? true : undefined,
        );
        await page.keyboard.type("uu");
        await shows(page, "one\ntwo\n");
        expect(errors).toEqual([]);
      },
      { settings: { "editor.vim": true } },
    ),
  120_000,
);

it(
  "marks lines that differ from the last commit and from the disk, and F7 walks them",
  () =>
    withPage(async ({ page, workspace }) => {
      const cwd = workspace.folder;
      write(workspace, "m.txt", "one\ntwo\nthree\nfour\nfive\n");
      const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
      await run("git", ["init", "-q", "-b", "main"], { cwd });
      await run("git", ["add", "."], { cwd });
      await run("git", [...identity, "commit", "-q", "-m", "start"], { cwd });
      await openText(page, "m.txt:2");
      await page.keyboard.type("new\n");
      // The gutter keeps a hidden mark of each kind for its width.
      const marks = (kind: string) => page.locator(`${kind}:visible`).count();
      await eventually("it is marked as not saved, and as added", async () =>
        (await marks(".change-unsaved")) === 1 && (await marks(".change-added")) === 1
          ? true
          : undefined,
      );
      await save(page, "m.txt");
      await eventually("only the commit differs", async () =>
        (await marks(".change-unsaved")) === 0 && (await marks(".change-added")) === 1
          ? true
          : undefined,
      );
      await page.keyboard.press("Control+End");
      await page.keyboard.press("F7");
      await eventually("the cursor is at the change", async () =>
        (await page.getByTestId("status-position").textContent()) === "Ln 2, Col 1"
          ? true
          : undefined,
      );
    }),
  120_000,
);
