/** Start of the window and of the whole app, against the least window WebKitGTK can be, in alternating runs. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { cargoTarget, root } from "../../../shell/setup/paths.mjs";
import { startDisplay } from "../../window/harness/display.ts";
import { makeFolders } from "../app/folders.ts";
import { inPage, startInstance, startWindow } from "../app/instance.ts";
import { PROMPT_AT, SCRIPT_RAN_AT } from "../app/page.ts";
import { ended, endProgram, startProgram } from "../app/program.ts";
import { type BenchRow, median } from "../row.ts";

/** Counted runs of each side; one more of each comes first and is dropped. */
const RUNS = 5;
const BUILD_MS = 600_000;

const PEER = "bare WebKitGTK 4.1 window";

/** Both rows: to the page's script, and to a prompt. */
export async function bench(): Promise<BenchRow[]> {
  const peer = await buildPeer();
  const display = await startDisplay({ PATH: "/usr/bin:/bin" });
  const bare: number[] = [];
  const script: number[] = [];
  const prompt: number[] = [];
  try {
    for (let run = 0; run <= RUNS; run++) {
      bare.push(await bareStart(peer, display.env));
      script.push(await windowStart(display.env));
      prompt.push(await appStart(display.env));
    }
  } finally {
    await display.end();
  }
  const note = `medians of ${RUNS} alternating runs after a first that is dropped`;
  return [
    row("window: spawn to its page's script run", 1.2, [script, bare], note),
    row("bulkhead open: spawn to a prompt drawn in the page", 2, [prompt, bare], note),
  ];
}

/** A Rust program with the same profile as ours. */
async function buildPeer(): Promise<string> {
  const target = cargoTarget();
  const args = ["build", "--release", "--locked", "-p", "bulkhead-shell"];
  await promisify(execFile)("cargo", [...args, "--example", "bare_window"], {
    cwd: root,
    env: { ...process.env, CARGO_TARGET_DIR: target },
    timeout: BUILD_MS,
  });
  return join(target, "release/examples/bare_window");
}

async function bareStart(peer: string, display: NodeJS.ProcessEnv): Promise<number> {
  const folders = makeFolders();
  try {
    const program = startProgram(peer, [], { ...folders.env, ...display });
    await ended(program);
    const atMs = Number(program.stdout());
    if (!(atMs > 0)) throw new Error(`the bare window printed no time: ${program.stderr()}`);
    return atMs - program.spawnedMs;
  } finally {
    folders.remove();
  }
}

async function windowStart(display: NodeJS.ProcessEnv): Promise<number> {
  const folders = makeFolders();
  const program = startWindow(folders, display);
  try {
    const atMs = await inPage<number>(folders.runtimeDir, SCRIPT_RAN_AT);
    return atMs - program.spawnedMs;
  } finally {
    await endProgram(program);
    folders.remove();
  }
}

async function appStart(display: NodeJS.ProcessEnv): Promise<number> {
  const folders = makeFolders();
  const app = startInstance("open", folders, display);
  try {
    const atMs = await inPage<number>(folders.runtimeDir, PROMPT_AT);
    return atMs - app.root.spawnedMs;
  } finally {
    await app.end();
    folders.remove();
  }
}

function row(
  what: string,
  max: number,
  [ours, theirs]: readonly [readonly number[], readonly number[]],
  note: string,
): BenchRow {
  const [mine, other] = [median(ours.slice(1)), median(theirs.slice(1))];
  const about = { what, against: PEER, goal: { max }, unit: "ms", note };
  return { ...about, ours: mine, theirs: other, ratio: mine / other };
}
