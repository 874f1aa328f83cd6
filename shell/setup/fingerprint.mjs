/** Decides whether a build step has work: a hash of all its inputs against the one it left last time. */
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { dist, root } from "./paths.mjs";

const stamps = join(dist, ".stamps");
const NEVER = new Set(["node_modules", "dist", "target", ".git"]);

/** Hash over names and contents of files and folders, relative to the checkout, and extra words. */
export function fingerprint(inputs, words = []) {
  const hash = createHash("sha256");
  for (const word of words) hash.update(`word ${word}\0`);
  for (const input of inputs) addPath(hash, join(root, input));
  return hash.digest("hex");
}

/** Whether the step ran with these inputs and its outputs are still there. */
export function isFresh(step, print, outputs) {
  const stamp = join(stamps, step);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== print) return false;
  return outputs.every((path) => existsSync(path));
}

/** Remembers that the step is done for these inputs. */
export function markDone(step, print) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, step), print);
}

function addPath(hash, path) {
  if (!existsSync(path)) return;
  const stat = lstatSync(path);
  if (stat.isDirectory()) {
    for (const name of readdirSync(path).sort()) {
      if (!NEVER.has(name)) addPath(hash, join(path, name));
    }
  } else if (stat.isFile()) {
    hash.update(`file ${relative(root, path)} ${stat.size}\0`).update(readFileSync(path));
  }
}
