/** Where things lie: the checkout, what is built from it, the pinned Node. Valid on Node 20. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/** What is built; removed without loss. */
export const dist = join(root, "dist");
/** Programs of the Rust workspace that are copied to dist/bin. */
export const programs = ["bulkhead", "bulkhead-window", "bulkhead-keeper", "bulkhead-launch"];

/** Cargo's build folder: outside the checkout, so that a fresh clone finds it warm. */
export function cargoTarget(env = process.env) {
  const cache = env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return env.CARGO_TARGET_DIR || join(cache, "bulkhead", "target");
}

/** The Node every process of Bulkhead runs on, or undefined while its package is missing. */
export function pinnedNode() {
  const path = join(root, "node_modules", `node-linux-${process.arch}`, "bin", "node");
  return existsSync(path) ? path : undefined;
}

/** Version that package.json pins for this machine's processor; undefined when there is none. */
export function pinnedVersion() {
  const { optionalDependencies = {} } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  return optionalDependencies[`node-linux-${process.arch}`];
}

/** Absolute path of a program: PATH first, then the usual places; undefined when it is nowhere. */
export function findProgram(name, env = process.env) {
  const folders = (env.PATH || "").split(delimiter).filter(Boolean);
  folders.push(join(env.CARGO_HOME || join(homedir(), ".cargo"), "bin"), "/usr/sbin", "/sbin");
  for (const folder of folders) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  return undefined;
}

/** The environment for child programs: pinned Node and cargo first in PATH. */
export function toolEnvironment(env = process.env) {
  const node = pinnedNode();
  const folders = [join(root, "node_modules", ".bin"), env.PATH || ""];
  if (node) folders.unshift(dirname(node));
  const cargo = findProgram("cargo", env);
  if (cargo) folders.push(dirname(cargo));
  return { ...env, PATH: folders.join(delimiter), CARGO_TARGET_DIR: cargoTarget(env) };
}
