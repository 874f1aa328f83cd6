/** Both ends of the relayed benchmarks: `server` answers, `client` measures and prints one JSON line. */
import process from "node:process";
import { connectPeer } from "../../../bus/client.ts";
import { inheritedTransport } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import { cpuUsOfFamily } from "./cpu.ts";
import { CHUNK_BYTES, echo, message, roundTrips, sink } from "./work.ts";

const [name = "client", mode = "calls", ms = "2000"] = process.argv.slice(2);
const peer = await connectPeer(inheritedTransport(), { hello: { name, pid: process.pid } });
if (name === "server") serve(peer);
else await measure(peer);

function serve(server: Peer): void {
  server.handle(echo, (input) => input);
  server.serve(sink, (_, incoming) => {
    const stream = incoming.accept({}, { windowBytes: 4 * 1024 * 1024 });
    let bytes = 0;
    stream.onChunk((chunk) => {
      bytes += chunk.length;
      stream.consumed(chunk.length);
    });
    stream.done.then(
      () => {},
      () => {},
    );
    incoming.signal.addEventListener("abort", () => bytes);
  });
  server.announceReady();
  server.closed.then(() => process.exit(0)).catch(() => {});
}

async function measure(client: Peer): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isUp = await client.request(echo, message(0)).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  let done = 0;
  const startUs = cpuUsOfFamily();
  const rate =
    mode === "calls"
      ? await roundTrips((id) => {
          done++;
          return client.request(echo, message(id));
        }, Number(ms))
      : await throughput(client);
  const cpuUs = mode === "calls" ? { cpuUs: (cpuUsOfFamily() - startUs) / done } : undefined;
  process.stdout.write(`${JSON.stringify({ rate, ...cpuUs })}\n`);
  client.close();
  process.exit(0);
}

/** Bytes per second that the server has consumed. */
async function throughput(client: Peer): Promise<number> {
  const stream = await client.open(sink, {});
  const chunk = new Uint8Array(CHUNK_BYTES).fill(65);
  const run = async (forMs: number): Promise<number> => {
    const startMs = performance.now();
    const before = stream.acknowledgedBytes;
    while (performance.now() - startMs < forMs) await stream.write(chunk);
    return ((stream.acknowledgedBytes - before) * 1_000) / (performance.now() - startMs);
  };
  await run(Number(ms) / 4);
  const rate = await run(Number(ms));
  stream.reset({ code: "bus/cancelled", message: "measured" });
  return rate;
}
