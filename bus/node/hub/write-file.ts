/** Files that must never be seen half-written: written beside the old one, then renamed over it. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces `path` with `text`, mode 0600, folder 0700.
 * @throws Error of the file system; the old file is untouched then.
 */
export function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.new`;
  const fd = openSync(beside, "w", 0o600);
  try {
    writeWhole(fd, Buffer.from(text, "utf8"));
    // A power cut must leave the old file or the new one, never an empty one.
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    removeQuietly(beside);
    throw error;
  }
  closeSync(fd);
  chmodSync(beside, 0o600);
  renameSync(beside, path);
}

/** Why the disk refused something, in a person's words where the reason has some. */
export function diskWords(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC") return "disk full";
  if (code === "EDQUOT") return "disk quota used up";
  if (code === "EFBIG") return "file size limit reached";
  if (code === "EROFS") return "disk is read-only";
  return error instanceof Error ? error.message.slice(0, 300) : String(error);
}

function writeWhole(fd: number, bytes: Buffer): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(fd, bytes, at);
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made.
  }
}
