/** Makes sure everything from outside is here: npm packages, the pinned Node, cargo, Debian packages. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installPackages, runPackages, testPackages } from "./debian.mjs";
import { findProgram, pinnedNode, pinnedVersion, root } from "./paths.mjs";
import { mustRun, run, SetupError, say } from "./run.mjs";

const NODE_MAJOR_MIN = 20;
/** Edition 2024 came with it. */
const CARGO_MINOR_MIN = 85;

/**
 * Checks and installs. Costs a few file reads when nothing is missing.
 * @param {"run" | "test"} purpose which Debian packages are wanted
 */
export async function prepare(purpose) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < NODE_MAJOR_MIN) {
    throw new SetupError(
      `Node ${process.versions.node} is too old, ${NODE_MAJOR_MIN} or newer starts the set-up; install it with: sudo apt-get install nodejs, or from https://nodejs.org`,
    );
  }
  if (process.platform !== "linux") {
    throw new SetupError(`Bulkhead runs on Linux; this is ${process.platform}`);
  }
  await installPackages(purpose === "test" ? { ...runPackages, ...testPackages } : runPackages);
  await npmPackages();
  await cargo();
}

/** Name of the first package whose installed version is not the locked one; undefined when all fit. */
export function firstMismatch(lock, installed, isThere) {
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === "" || wanted.link) continue;
    const got = installed.packages?.[path];
    if (!got && wanted.optional) continue;
    if (got?.version !== wanted.version || !isThere(path)) return path;
  }
  return undefined;
}

async function npmPackages() {
  if (npmProblem() === undefined) return;
  say(`npm packages: ${npmProblem()}; running npm ci`);
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const flags = ["--no-audit", "--no-fund", "--include=dev", "--include=optional"];
  await mustRun([...npm, "ci", ...flags], "npm ci");
  const problem = npmProblem();
  if (problem) throw new SetupError(`npm packages: ${problem}; fix it with: npm ci`);
}

function npmProblem() {
  const hidden = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(hidden)) return "not installed";
  const read = (path) => JSON.parse(readFileSync(path, "utf8"));
  const lock = read(join(root, "package-lock.json"));
  const there = (path) => existsSync(join(root, path, "package.json"));
  const mismatch = firstMismatch(lock, read(hidden), there);
  if (mismatch) return `${mismatch} is not as locked`;
  if (pinnedVersion() === undefined) {
    throw new SetupError(`no pinned Node for ${process.arch}; x64 and arm64 are supported`);
  }
  return pinnedNode() ? undefined : `Node ${pinnedVersion()} is not installed`;
}

async function cargo() {
  const path = findProgram("cargo");
  const fix = "install it with: curl https://sh.rustup.rs -sSf | sh";
  if (!path) throw new SetupError(`cargo is missing; ${fix}`);
  // Asking cargo costs more than the rest of the check together; the lock stands in once it built.
  if (existsSync(join(root, "dist", ".stamps", "rust"))) return;
  const { stdout } = await run([path, "--version"], { capture: true });
  const [, major, minor] = /^cargo (\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) === 1 && Number(minor) < CARGO_MINOR_MIN) {
    throw new SetupError(`cargo 1.${minor} is too old, 1.${CARGO_MINOR_MIN} is needed; ${fix}`);
  }
}
