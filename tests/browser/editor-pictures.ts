/** The states of the editor one after the other, for pictures a person looks at. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { propose } from "../../bus/contracts/editor-sync.ts";
import { dirty, openFile, openText, write } from "./editors.ts";
import type { Take } from "./picture-rounds.ts";
import type { Workspace } from "./workspace.ts";

const SOURCE = resolve(import.meta.dirname, "../../ui/bus.ts");

/** Leaves a terminal in front. */
export async function editorPictures(page: Page, workspace: Workspace, take: Take): Promise<void> {
  fill(workspace);
  await texts(page, take);
  await sides(page, workspace, take);
  await others(page, take);
  for (let tab = 0; tab < 8; tab += 1) {
    if (
      (await page.getByTestId("editor").count()) + (await page.getByTestId("compare").count()) >
      0
    )
      await page.keyboard.press("Control+Shift+W");
  }
}

function fill(workspace: Workspace): void {
  write(workspace, "src/main.ts", readFileSync(SOURCE));
  write(workspace, "notes.md", "# Notes\n\n- **one**\n- two\n\n```ts\nconst x = 1;\n```\n");
  write(workspace, "steps.txt", "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
  write(
    workspace,
    "photo.svg",
    '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="160"><rect width="240" height="160" rx="16" fill="#6cb8f7"/><circle cx="120" cy="80" r="48" fill="#14181d"/></svg>',
  );
  write(
    workspace,
    "data.bin",
    new Uint8Array(4_096).map((_, at) => (at * 7) % 256),
  );
  write(workspace, ".env", "TOKEN=1\n");
}

async function texts(page: Page, take: Take): Promise<void> {
  await openText(page, "src/main.ts:40");
  await page.keyboard.type("// a line that is not saved\n");
  await page.getByTestId("tab-dirty").first().waitFor();
  await take("editor");
  await page.keyboard.press("Control+f");
  await page.keyboard.type("state");
  await page.getByText("matches").waitFor();
  await take("editor-search");
  await page.keyboard.press("Escape");
  await page.keyboard.type("conne");
  await page.locator(".cm-tooltip-autocomplete").waitFor();
  await take("editor-completion");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+g");
  await page.keyboard.type("12");
  await take("editor-go-to-line");
  await page.keyboard.press("Escape");
  await page.getByTestId("status-language").click();
  await page.getByTestId("language-input").waitFor();
  await take("editor-language");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+P");
  await page.keyboard.type("compare with disk");
  await page.keyboard.press("Enter");
  await page.getByTestId("compare").locator(".cm-content").first().waitFor();
  await take("editor-compare");
  await page.keyboard.press("Control+Shift+W");
}

async function sides(page: Page, workspace: Workspace, take: Take): Promise<void> {
  await openText(page, "steps.txt");
  await page.keyboard.type("mine ");
  await dirty(page, "steps.txt", true);
  writeFileSync(
    join(workspace.folder, "steps.txt"),
    "theirs\ntwo\nthree\nfour\nfive\nSIX\nseven\n",
  );
  await page.getByTestId("conflict").waitFor();
  await take("editor-conflict");
  await openText(page, "notes.md");
  const peer = await workspace.attach();
  const edit = {
    kind: "text" as const,
    text: "# Plan\n\n- **one**\n- two\n- three\n\n```ts\nconst x = 1;\n```\n",
  };
  await peer.request(propose, {
    path: join(workspace.folder, "notes.md"),
    edit,
    note: "a better title",
  });
  peer.close();
  await page.getByTestId("proposal").first().waitFor();
  await take("editor-proposals");
  rmSync(join(workspace.folder, "notes.md"));
  await page.getByTestId("editor-banner").waitFor();
  await take("editor-deleted");
}

async function others(page: Page, take: Take): Promise<void> {
  await openFile(page, "photo.svg");
  await page.getByText("pixels").waitFor();
  await take("editor-picture");
  await openFile(page, "data.bin");
  await page.getByText("00000000").waitFor();
  await take("editor-bytes");
}
