/** `npm run build [-- --only ui|node|rust]`: the page, the Node programs, the Rust programs. Unchanged steps are skipped. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { fingerprint, isFresh, markDone } from "./fingerprint.mjs";
import { writeInstalled } from "./installed.mjs";
import { cargoTarget, dist, findProgram, pinnedNode, programs, root } from "./paths.mjs";
import { mustRun, SetupError, say, script } from "./run.mjs";

const ACTORS = ["terminal", "file-guard", "editor-sync", "git", "model", "mcp"];
/** Threads of actors, which start from files of their own. The second is the one that piscina starts all of its with. */
const WORKERS = [
  ["editor-sync-worker", "actors/editor-sync/worker.ts"],
  ["piscina-worker", "node_modules/piscina/dist/worker.js"],
];
const STEPS = { ui: buildUi, node: buildNode, rust: buildRust };

/**
 * Builds what has changed, the page first: the window embeds it.
 * @param {"ui" | "node" | "rust" | undefined} only one step alone
 */
export async function build(only) {
  for (const [name, step] of Object.entries(STEPS)) {
    if (only === undefined || only === name) await step();
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeInstalled(dist, version);
}

async function buildUi() {
  if (!existsSync(join(root, "ui", "vite.config.ts"))) return;
  const inputs = ["ui", "bus", "package-lock.json"];
  const print = fingerprint(inputs);
  const out = join(dist, "ui");
  if (isFresh("ui", print, [join(out, "index.html")])) return;
  say("building the page");
  const next = join(dist, `.ui-next-${process.pid}`);
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const flags = ["--outDir", next, "--emptyOutDir", "--logLevel", "warn"];
  try {
    await mustRun([node(), vite, "build", ...flags], "vite build", { cwd: join(root, "ui") });
    swap(next, out);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
  markDone("ui", print);
}

async function buildNode() {
  const entries = [
    ["hub", "bus/node/main.ts"],
    ["cli", "bus/cli/main.ts"],
  ];
  for (const name of ACTORS) entries.push([name, `actors/${name}/main.ts`]);
  for (const [name, entry] of WORKERS) entries.push([name, entry]);
  const present = entries.filter(([, entry]) => existsSync(join(root, entry)));
  if (present.length === 0) return;
  const inputs = ["bus", "actors", "package-lock.json", "shell/setup/bundle.mjs"];
  const print = fingerprint(inputs);
  const out = join(dist, "node");
  if (
    isFresh(
      "node",
      print,
      present.map(([name]) => join(out, `${name}.mjs`)),
    )
  )
    return;
  say(`bundling ${present.map(([name]) => name).join(", ")}`);
  mkdirSync(out, { recursive: true });
  const bundle = join(root, "shell", "setup", "bundle.mjs");
  const pairs = present.map(([name, entry]) => `${name}=${entry}`);
  await mustRun([node(), bundle, out, ...pairs], "bundling");
  copyIntegration(out);
  markDone("node", print);
}

async function buildRust() {
  const inputs = ["Cargo.toml", "Cargo.lock", "native", "shell/Cargo.toml", "shell/build.rs"];
  inputs.push("shell/src", "shell/assets");
  const page = fingerprintOfPage();
  const print = fingerprint(inputs, [page, process.env.RUSTFLAGS ?? ""]);
  const out = join(dist, "bin");
  if (
    isFresh("rust", print, [
      ...programs.map((name) => join(out, name)),
      join(dist, "node", "guard.node"),
    ])
  )
    return;
  const cargo = findProgram("cargo");
  if (!cargo)
    throw new SetupError(
      "cargo is missing; install it with: apt-get install cargo, or https://rustup.rs",
    );
  say("building the Rust programs (the first time takes minutes)");
  await mustRun([cargo, "build", "--release", "--workspace", "--locked"], "cargo build");
  for (const name of programs) install(name, join(out, name));
  install("libbulkhead_guard.so", join(dist, "node", "guard.node"));
  markDone("rust", print);
}

/** Copies what cargo made, so that a reader sees the old or the new. */
function install(made, to) {
  mkdirSync(dirname(to), { recursive: true });
  const next = join(dirname(to), `.${made}-${process.pid}`);
  copyFileSync(join(cargoTarget(), "release", made), next);
  renameSync(next, to);
}

/** The terminal actor gives these scripts to the shells it starts. */
function copyIntegration(out) {
  const from = join(root, "actors", "terminal", "integration");
  if (!existsSync(from)) return;
  const next = join(out, `.integration-${process.pid}`);
  cpSync(from, next, { recursive: true });
  swap(next, join(out, "integration"));
}

function fingerprintOfPage() {
  return fingerprint(["dist/ui"]);
}

function node() {
  const path = pinnedNode();
  if (!path) throw new SetupError("the pinned Node is missing; get it with: npm ci");
  return path;
}

/** Puts a finished folder in the place of the old one; a reader sees the old or the new. */
function swap(next, out) {
  const old = `${next}-old`;
  if (existsSync(out)) renameSync(out, old);
  renameSync(next, out);
  rmSync(old, { recursive: true, force: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await script(async () => {
    const { values } = parseArgs({ options: { only: { type: "string" } } });
    if (values.only !== undefined && !(values.only in STEPS)) {
      throw new SetupError(
        `--only ${values.only}: must be one of ${Object.keys(STEPS).join(", ")}`,
      );
    }
    await build(values.only);
  });
}
