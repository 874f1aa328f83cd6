/** Doctor: the programs and libraries Bulkhead needs beside itself. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Surroundings } from "../surroundings.ts";
import { bad, type Check, good, poor } from "./check.ts";
import { firstLine, probe } from "./probe.ts";

const NODE_MAJOR_MIN = 24;
const WEBVIEW = "libwebkit2gtk-4.1.so.0";
const OURS = ["bulkhead", "bulkhead-window", "bulkhead-keeper", "bulkhead-launch"];

/** Node, the webview library, the sandbox programs, our own binaries. */
export async function programChecks(world: Surroundings): Promise<Check[]> {
  return [
    nodeCheck(process.versions.node),
    webviewCheck(world),
    await bubblewrapCheck(world),
    dbusProxyCheck(world),
    binariesCheck(world),
  ];
}

/** Whether this Node is new enough. */
export function nodeCheck(version: string): Check {
  const major = Number(version.split(".")[0]);
  if (major >= NODE_MAJOR_MIN) return good("node", `${version} (${process.execPath})`);
  return bad("node", `${version}, needed is ${NODE_MAJOR_MIN} or newer`, "npm ci (brings its own)");
}

/** Absolute path of a program in PATH; undefined when it is not there. */
export function findProgram(name: string, world: Surroundings): string | undefined {
  const folders = (world.env["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function webviewCheck(world: Surroundings): Check {
  const own = (world.env["LD_LIBRARY_PATH"] ?? "").split(":").filter(Boolean);
  const folders = [...own, ...libraryFolders()];
  const found = folders.map((folder) => join(folder, WEBVIEW)).find((path) => existsSync(path));
  if (found !== undefined) return good("webview", found);
  return bad(
    "webview",
    `${WEBVIEW} is in no library folder: no window, browser mode works`,
    "sudo apt-get install libwebkit2gtk-4.1-0",
  );
}

/** The usual library folders with the one of this processor (`/usr/lib/x86_64-linux-gnu`). */
function libraryFolders(): string[] {
  const triplets = readdirSync("/usr/lib").filter((name) => name.endsWith("-linux-gnu"));
  return [...triplets.map((name) => join("/usr/lib", name)), "/usr/lib64", "/usr/lib", "/lib"];
}

async function bubblewrapCheck(world: Surroundings): Promise<Check> {
  const fix = "sudo apt-get install bubblewrap";
  const path = findProgram("bwrap", world);
  if (path === undefined) return poor("bubblewrap", "missing: the page runs unsandboxed", fix);
  const tried = await probe([path, "--ro-bind", "/", "/", "--unshare-user", "--", "/bin/true"]);
  if (tried.code === 0) return good("bubblewrap", path);
  return poor(
    "bubblewrap",
    `${path} cannot make a sandbox here: ${firstLine(tried.stderr)}`,
    "sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000",
  );
}

function dbusProxyCheck(world: Surroundings): Check {
  const path = findProgram("xdg-dbus-proxy", world);
  if (path !== undefined) return good("xdg-dbus-proxy", path);
  return poor(
    "xdg-dbus-proxy",
    "missing: WebKit's sandbox does not start",
    "sudo apt-get install xdg-dbus-proxy",
  );
}

function binariesCheck(world: Surroundings): Check {
  const home = homeFolder(world);
  const missing = OURS.filter((name) => !existsSync(join(home, "bin", name)));
  if (missing.length === 0) return good("programs", join(home, "bin"));
  return bad("programs", `missing in ${join(home, "bin")}: ${missing.join(", ")}`, "npm start");
}

/** Folder that holds `bin`, `node` and `ui`: BULKHEAD_HOME, else the one above this bundle. */
export function homeFolder(world: Surroundings): string {
  return world.env["BULKHEAD_HOME"] || dirname(import.meta.dirname);
}
