/** The bus rows of design section 17: relayed through a real hub process, against direct links between two processes. */
import { fork, spawn } from "node:child_process";
import process from "node:process";
import { type BenchRow, median } from "../row.ts";
import { recorderRow } from "./recorder.ts";
import { jsonRpcRate, zeroMqRate } from "./rivals.ts";
import { message, roundTrips } from "./work.ts";

const RUN_MS = 2_000;
const RUNS = 3;
const CHILD_TIMEOUT_MS = 60_000;

/** Runs all rows; each alternates both sides RUNS times and takes the median of the ratios' figures. */
export async function bench(): Promise<BenchRow[]> {
  const relayed: number[] = [];
  const cpuUs: number[] = [];
  const json: number[] = [];
  const advanced: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const calls = await relay("calls");
    relayed.push(calls.rate);
    cpuUs.push(calls.cpuUs);
    json.push(await ipc("json"));
    advanced.push(await ipc("advanced"));
  }
  const [jsonRpc, zeroMq]: [number[], number[]] = [[], []];
  const relayedAgain: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    relayedAgain.push((await relay("calls")).rate);
    jsonRpc.push(await jsonRpcRate(RUN_MS));
    zeroMq.push(await zeroMqRate(RUN_MS));
  }
  const streamed: number[] = [];
  const piped: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    streamed.push((await relay("stream")).rate);
    piped.push((await rateOf("./pipe.ts", ["hub", String(RUN_MS)])).rate);
  }
  const calls = {
    what: "relayed round trips/s, 130 B, 256 in flight, recorder on",
    unit: "round trips/s",
  };
  const each = `${median(cpuUs).toFixed(1)} us of processor time each in client, hub and server together`;
  const direct = row(
    { ...calls, against: "child_process JSON IPC, direct", goal: { min: 1 } },
    relayed,
    json,
  );
  return [
    { ...direct, note: `${direct.note}, ${each}` },
    row(
      { ...calls, against: "child_process advanced IPC, direct", goal: { min: 1.5 } },
      relayed,
      advanced,
    ),
    row({ ...calls, against: "vscode-jsonrpc, direct", goal: { min: 5 } }, relayedAgain, jsonRpc),
    row({ ...calls, against: "zeromq.js, direct", goal: { min: 2 } }, relayedAgain, zeroMq),
    row(
      {
        what: "relayed 64 KiB stream",
        against: "bare two-hop pipe() forwarder",
        goal: { min: 0.6 },
        unit: "bytes/s",
      },
      streamed,
      piped,
    ),
    await recorderRow(),
  ];
}

function row(
  about: Pick<BenchRow, "what" | "against" | "unit"> & { goal: { min: number } },
  ours: readonly number[],
  theirs: readonly number[],
): BenchRow {
  const [mine, other] = [median(ours), median(theirs)];
  return {
    ...about,
    ours: mine,
    theirs: other,
    ratio: mine / other,
    note: `median of ${ours.length} alternating runs`,
  };
}

function relay(mode: "calls" | "stream"): Promise<Rate> {
  return rateOf("./hub.ts", [mode, String(RUN_MS), "on"]);
}

/** Round trips per second of a forked child. */
async function ipc(serialization: "json" | "advanced"): Promise<number> {
  const child = fork(new URL("./ipc-child.ts", import.meta.url), [], { serialization });
  const waiting = new Map<number, (value: unknown) => void>();
  child.on("message", (answer) => {
    const { id } = answer as { id: number };
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  try {
    return await roundTrips(
      (id) =>
        new Promise((resolve) => {
          waiting.set(id, resolve);
          child.send(message(id));
        }),
      RUN_MS,
    );
  } finally {
    child.kill();
  }
}

/** What a script has measured. */
interface Rate {
  readonly rate: number;
  /** Processor time of all processes for one round trip, microseconds; 0 when it was not measured. */
  readonly cpuUs: number;
}

/** The first line of a script that has a `rate`. */
function rateOf(script: string, args: readonly string[]): Promise<Rate> {
  const path = new URL(script, import.meta.url).pathname;
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), CHILD_TIMEOUT_MS);
    child.stdout.on("data", (chunk) => {
      text += String(chunk);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      const found = /"rate":([0-9.e+]+)/.exec(text);
      if (found === null)
        reject(new Error(`${script} ended with code ${code} and printed no rate`));
      else
        resolve({
          rate: Number(found[1]),
          cpuUs: Number(/"cpuUs":([0-9.e+]+)/.exec(text)?.[1] ?? 0),
        });
    });
  });
}
