/**
 * `installed.json`: what a `BULKHEAD_HOME` holds, written last. A running root sees by it that another set is there, and
 * starts nothing while files and list do not agree: `shell/src/root/installed.rs` reads it.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

const LIST = "installed.json";
/** Folders that belong to the set. */
const FOLDERS = ["bin", "node", "ui"];
/** What a window is started from; the root's own program runs until its end. All else belongs to the hub. */
const WINDOW = "bin/bulkhead-window";
const ROOT = "bin/bulkhead";

/**
 * Lists what lies in a home.
 * @param {string} home folder with bin, node and ui
 * @param {string} version of what lies there
 */
export function describeInstalled(home, version) {
  const files = {};
  for (const folder of FOLDERS) addFolder(files, home, join(home, folder));
  const ofHub = Object.keys(files).filter((path) => path !== WINDOW && path !== ROOT);
  const parts = { hub: hashOf(files, ofHub), window: hashOf(files, [WINDOW]) };
  return { version, parts, files };
}

/** Writes the list, so that a reader sees the old or the new; one that is right already stays as it is. */
export function writeInstalled(home, version) {
  const path = join(home, LIST);
  const text = `${JSON.stringify(describeInstalled(home, version), null, 1)}\n`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  const next = join(home, `.${LIST}-${process.pid}`);
  writeFileSync(next, text);
  renameSync(next, path);
}

function addFolder(files, home, folder) {
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    // What is only being made has a name with a dot.
    if (entry.name.startsWith(".next-") || /-\d+$/.test(entry.name)) continue;
    if (entry.isDirectory()) addFolder(files, home, path);
    else if (entry.isFile()) {
      const bytes = readFileSync(path);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      files[relative(home, path)] = { bytes: bytes.length, sha256 };
    }
  }
}

function hashOf(files, paths) {
  const hash = createHash("sha256");
  for (const path of paths.filter((one) => one in files)) {
    hash.update(`${path} ${files[path].sha256}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}
