/** Calls from one late attacher to another, so many frames a second; prints `{"atMs", "frames"}` ten times a second. */
import { join } from "node:path";
import process from "node:process";
import { connectPeer } from "../../../bus/client.ts";
import { method } from "../../../bus/contracts/define.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import { echo, message } from "../bus/work.ts";

/** Calls under way at most: behind that the hub is what limits. */
const IN_FLIGHT_MAX = 1_024;
const TICK_MS = 5;
const REPORT_MS = 100;
/** A request and a reply. */
const FRAMES_A_CALL = 2;

const [runtimeDir = "", wanted = "50000"] = process.argv.slice(2);
const callsPerMs = Number(wanted) / FRAMES_A_CALL / 1_000;
const server = await attach();
// Anybody may call what an attacher serves under its own name.
const served = method(`${server.ready.name}.echo`, { input: echo.input, output: echo.output });
server.handle(served, (input) => input);
const client = await attach();
const startMs = performance.now();
let inFlight = 0;
let asked = 0;
let done = 0;
setInterval(callWhatIsDue, TICK_MS);
setInterval(() => {
  process.stdout.write(`${JSON.stringify({ atMs: Date.now(), frames: done * FRAMES_A_CALL })}\n`);
}, REPORT_MS);

function callWhatIsDue(): void {
  const due = (performance.now() - startMs) * callsPerMs;
  // What could not be done in time is not made up for: that would be another load.
  asked = Math.max(asked, Math.floor(due - callsPerMs * REPORT_MS));
  while (asked < due && inFlight < IN_FLIGHT_MAX) void call();
}

async function call(): Promise<void> {
  asked++;
  inFlight++;
  await client.request(served, message(asked));
  inFlight--;
  done++;
}

async function attach(): Promise<Peer> {
  const token = await readToken(join(runtimeDir, "token"));
  const transport = await connectUnix(join(runtimeDir, "hub.sock"));
  return connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
}
