/**
 * Crash reports: JSON files of mode 0600 in `S/crashes`, at most 100, oldest removed first. When the disk
 * refuses one it stays in memory (at most 20 of those) and says so.
 */
import { readdirSync, readFileSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type CrashHead, CrashReport } from "../../contracts/hub.ts";
import type { WriteFile } from "./saved-files.ts";
import { diskWords, replaceFile } from "./write-file.ts";

const FILES_MAX = 100;
const UNSAVED_MAX = 20;
const FILE_BYTES_MAX = 1024 * 1024;

/** A report before it has an id and a place. */
export type CrashDraft = Omit<CrashReport, "head" | "path"> & {
  readonly head: Omit<CrashHead, "id" | "saved" | "saveError">;
};

/** All reports of this instance. */
export interface CrashStore {
  /** Never throws: a refused disk is noted in the head. */
  add(draft: CrashDraft): CrashReport;
  /** Oldest first. */
  list(): CrashHead[];
  get(id: string): CrashReport | undefined;
}

/**
 * Opens the folder; a report that cannot be read is left out and left alone.
 * @param write one that tries again later tells when a refused report was written after all
 */
export function openCrashStore(folder: string, write: WriteFile = replaceFile): CrashStore {
  const unsaved = new Map<string, CrashReport>();
  let counter = 0;
  return {
    add(draft) {
      counter += 1;
      const stamp = new Date(draft.head.atMs).toISOString().replaceAll(/[-:.]/g, "").slice(0, 18);
      const id =
        `${stamp}-${draft.head.process.replaceAll("/", "_").slice(0, 30)}-${counter}`.toLowerCase();
      const path = join(folder, `${id}.json`);
      const report: CrashReport = {
        ...draft,
        head: { ...draft.head, id, saved: true, saveError: "" },
        path,
      };
      try {
        const text = `${JSON.stringify(report, null, 2)}\n`;
        write(path, text, () => unsaved.delete(id));
        prune(folder);
        return report;
      } catch (error) {
        const saveError = diskWords(error).replace(/^not saved: /, "");
        const kept = { ...report, head: { ...report.head, saved: false, saveError }, path: "" };
        unsaved.set(id, kept);
        const oldest = unsaved.keys().next();
        if (unsaved.size > UNSAVED_MAX && oldest.done !== true) unsaved.delete(oldest.value);
        return kept;
      }
    },
    list() {
      const saved = names(folder).flatMap((name) => {
        const report = read(join(folder, name));
        return report === undefined ? [] : [report.head];
      });
      const heads = [...saved, ...[...unsaved.values()].map((report) => report.head)];
      return heads.toSorted((one, other) => one.atMs - other.atMs);
    },
    get(id) {
      if (!/^[a-z0-9_-]{1,64}$/.test(id)) return undefined;
      return unsaved.get(id) ?? read(join(folder, `${id}.json`));
    },
  };
}

function read(path: string): CrashReport | undefined {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) return undefined;
    const parsed = v.safeParse(CrashReport, JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** File names in order of time: the id begins with it. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .toSorted();
  } catch {
    return [];
  }
}

function prune(folder: string): void {
  const all = names(folder);
  for (const name of all.slice(0, Math.max(0, all.length - FILES_MAX)))
    unlinkSync(join(folder, name));
}
