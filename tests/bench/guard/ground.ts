/** A home with a workspace that has a large file, many files and a large folder. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What is searched for; one file in fifty has it. */
export const SEARCHED = "needle-in-hay";
const LARGE_BYTES = 64 * 1024 * 1024;

/** The folders of one run. */
export interface Ground {
  readonly top: string;
  readonly home: string;
  readonly workspace: string;
  remove(): void;
}

export function makeGround(): Ground {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "bh-guard-bench-")));
  const home = join(top, "home");
  const workspace = join(home, "ws");
  mkdirSync(join(home, ".local/share"), { recursive: true });
  mkdirSync(join(workspace, "deep/er"), { recursive: true });
  writeFileSync(join(workspace, "deep/er/a.txt"), "text");
  writeFileSync(join(workspace, "large.bin"), Buffer.alloc(LARGE_BYTES, "0123456789"));
  for (let folder = 0; folder < 50; folder += 1) {
    fill(
      join(workspace, "hay", String(folder)),
      100,
      (index) => `${"plain hay\n".repeat(200)}${index % 50 === 0 ? SEARCHED : ""}\n`,
    );
  }
  fill(join(workspace, "many"), 100_000, () => "");
  return { top, home, workspace, remove: () => rmSync(top, { recursive: true, force: true }) };
}

function fill(folder: string, count: number, text: (index: number) => string): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    writeFileSync(join(folder, `f${index}.txt`), text(index));
  }
}
