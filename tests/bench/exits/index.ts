/** Programs that print 20 KiB and are gone: what the keeper and what node-pty give of it, in alternating blocks. */
import { spawn } from "@lydell/node-pty";
import type { KeeperBackend } from "../../../actors/terminal/keeper-backend.ts";
import { startKeeper } from "../../actors/terminal/real-keeper.ts";
import type { BenchRow } from "../row.ts";

const EXITS = 1_000;
const EXITS_A_BLOCK = 100;
const BYTES = 20_480;
/** Output that comes this long after the exit still counts for node-pty, milliseconds. */
const LATE_MS = 150;

const PROGRAM = "/bin/sh";
const ARGS = ["-c", 'printf %s "$0"', "x".repeat(BYTES)];
const ENV = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" };

/** Output of one side. */
export interface Tally {
  /** Exits that gave less than they printed. */
  short: number;
  lostBytes: number;
}

/** One row: bytes lost on 1,000 exits of each side. */
export async function bench(): Promise<BenchRow[]> {
  const { ours, theirs } = await compareExits(EXITS);
  return [
    {
      what: `bytes lost on ${EXITS.toLocaleString("en")} fast exits of 20 KiB`,
      against: "node-pty",
      goal: { max: 0 },
      ours: ours.lostBytes,
      theirs: theirs.lostBytes,
      unit: "bytes",
      ratio: ours.lostBytes === 0 ? 0 : ours.lostBytes / theirs.lostBytes,
      note: `short exits: ours ${ours.short}, node-pty ${theirs.short}`,
    },
  ];
}

/** Runs `exits` programs on each side, 100 of one and 100 of the other in turn. */
export async function compareExits(exits: number): Promise<{ ours: Tally; theirs: Tally }> {
  const ours: Tally = { short: 0, lostBytes: 0 };
  const theirs: Tally = { short: 0, lostBytes: 0 };
  const keeper = await startKeeper();
  try {
    const backend = await keeper.backend();
    for (let left = exits; left > 0; left -= EXITS_A_BLOCK) {
      const block = Math.min(left, EXITS_A_BLOCK);
      for (let exit = 0; exit < block; exit++) count(ours, await keeperExit(backend));
      const late: (() => number)[] = [];
      for (let exit = 0; exit < block; exit++) late.push(await nodePtyExit());
      await new Promise((wake) => setTimeout(wake, LATE_MS));
      for (const bytes of late) count(theirs, bytes());
    }
    await backend.close();
  } finally {
    await keeper.stop();
  }
  return { ours, theirs };
}

function count(tally: Tally, bytes: number): void {
  if (bytes === BYTES) return;
  tally.short += 1;
  tally.lostBytes += BYTES - bytes;
}

async function keeperExit(backend: KeeperBackend): Promise<number> {
  const plan = { argv: [PROGRAM, ...ARGS], cwd: "/", env: ENV, cols: 80, rows: 24 };
  const { key } = await backend.create({ ...plan, meta: new Uint8Array() });
  const pipe = await backend.attach(key, 0);
  let bytes = 0;
  pipe.onChunk((chunk) => {
    bytes += chunk.length;
    pipe.consumed(chunk.length);
  });
  await pipe.done;
  await backend.forget(key);
  return bytes;
}

/** Resolves at the exit with a way to ask for the bytes later. */
function nodePtyExit(): Promise<() => number> {
  const pty = spawn(PROGRAM, ARGS, { cwd: "/", env: ENV, cols: 80, rows: 24, encoding: null });
  let bytes = 0;
  pty.onData((data: string | Uint8Array) => {
    bytes += data.length;
  });
  return new Promise((resolve) => pty.onExit(() => resolve(() => bytes)));
}
