/** What a person downloads: the window's binary with the page in it, and the package without runtime. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DIST } from "../app/folders.ts";
import type { BenchRow } from "../row.ts";

const WINDOW_BYTES = 3_500_000;
const PACKAGE_BYTES = 5_000_000;
const PACK_MS = 120_000;

/** Both rows, in bytes of the release build. */
export async function bench(): Promise<BenchRow[]> {
  const window = statSync(join(DIST, "bin/bulkhead-window")).size;
  const packed = await packageBytes();
  return [
    row("window binary with the page", "3.5 MB (Tauri hello world: 2.6 MB, no page)", [
      window,
      WINDOW_BYTES,
    ]),
    row("package without Node: bin, node, ui as tar.xz", "5 MB (Terax: 7-8 MB)", [
      packed,
      PACKAGE_BYTES,
    ]),
  ];
}

/** Size of everything that is installed, packed as a release would be. */
async function packageBytes(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bh-b-"));
  const file = join(folder, "package.tar.xz");
  const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  try {
    await promisify(execFile)(
      "tar",
      [...same, "-I", "xz -9e -T1", "-cf", file, "bin", "node", "ui"],
      {
        cwd: DIST,
        timeout: PACK_MS,
      },
    );
    return statSync(file).size;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(what: string, against: string, [ours, theirs]: readonly [number, number]): BenchRow {
  return {
    what,
    against,
    goal: { max: 1 },
    ours,
    theirs,
    unit: "bytes",
    ratio: ours / theirs,
    note: "ours measured, theirs the goal",
  };
}
