/** The files of the checkout that people write, without what tools make. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Source } from "./import-law.ts";

export const root = resolve(import.meta.dirname, "../..");

const FOLDERS = ["bus", "actors", "native", "shell", "ui", "tests"];
const MADE = new Set(["node_modules", "dist", "target", "results", "corpus"]);

/** Files under the six folders with one of these endings (`.ts`), with their text. */
export function readSources(...endings: readonly string[]): Source[] {
  return FOLDERS.flatMap((folder) => filesUnder(join(root, folder)))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") }));
}

/** Text of one file of the checkout. */
export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (MADE.has(entry.name) || entry.name.startsWith(".")) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}
