/** The files of the audit log, and whether one record is still in them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const FILE = /^audit-(\d{16})\.jsonl$/;

/** Names of the files, oldest first; none for a folder that is not there. @throws Error of the file system. */
export async function auditFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => FILE.test(name)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** The number of the first record that the name of a file promises. */
export function firstOf(name: string): number {
  return Number(FILE.exec(name)?.[1]);
}

/**
 * Whether the log still has this record. Reads one file of at most some 8 MiB.
 * @throws Error of the file system.
 */
export async function hasRecord(
  folder: string,
  { count, hash }: { readonly count: number; readonly hash: string },
): Promise<boolean> {
  const name = (await auditFiles(folder)).findLast((file) => firstOf(file) <= count);
  if (name === undefined) return false;
  // A text in a record cannot look like this: its quotes are escaped.
  return (await readFile(join(folder, name))).includes(`,"hash":"${hash}"}\n`);
}
