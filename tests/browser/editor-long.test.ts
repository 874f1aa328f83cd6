/** A long text stays quick: its end is reached, edited and saved, and an outside change of a twentieth of it is merged. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openText, save, text, write } from "./editors.ts";
import { withPage } from "./open-page.ts";
import { eventually } from "./workspace.ts";

const LINES = 100_000;

it(
  "scrolls, edits and saves 100,000 lines, and takes 5,000 changed ones from the disk",
  () =>
    withPage(async ({ page, workspace, errors }) => {
      const lines = Array.from({ length: LINES }, (_, at) => `const value${at} = ${at};`);
      const path = write(workspace, "long.ts", `${lines.join("\n")}\n`);
      await openText(page, "long.ts");
      await page.keyboard.press("Control+End");
      await eventually("its end is in view", async () =>
        (await text(page)).includes(`const value${LINES - 1} `) ? true : undefined,
      );
      await page.keyboard.type("// the end");
      expect(await page.getByTestId("status-meter").textContent()).toMatch(/^\d{2,3} B\/edit$/);
      await save(page, "long.ts");
      expect(readFileSync(path, "utf8").endsWith("// the end")).toBe(true);
      const changed = lines.map((line, at) => (at % 20 === 19 ? `${line} // changed` : line));
      writeFileSync(path, `${changed.join("\n")}\n// the end`);
      await eventually("the changed lines are in view", async () =>
        (await text(page)).includes(`const value${LINES - 1} = ${LINES - 1}; // changed`)
          ? true
          : undefined,
      );
      expect(errors).toEqual([]);
    }),
  180_000,
);
