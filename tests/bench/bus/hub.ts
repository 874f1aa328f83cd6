/** A hub process as the real one wires it: broker, recorder, taps; spawns server and client with a link as fd 3. */
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import process from "node:process";
import { createBroker } from "../../../bus/broker/index.ts";
import { systemClock } from "../../../bus/clock.ts";
import { socketTransport } from "../../../bus/node/index.ts";
import { Recorder } from "../../../bus/recorder.ts";
import { serveRecorder } from "../../../bus/tap.ts";

const [mode = "calls", ms = "2000", recording = "on"] = process.argv.slice(2);
const recorder = new Recorder({
  clock: systemClock,
  names: { peer: (id) => broker.nameOf(id), subject: (id) => broker.subjects.nameOf(id) },
});
const broker = createBroker({ hubEpoch: 1, ...(recording === "on" ? { observer: recorder } : {}) });
const hub = await broker.connectHub();
serveRecorder(hub, { recorder, clock: systemClock, epochMs: 0, hubEpoch: 1 });

const server = start("server");
const client = start("client");
client.on("exit", () => {
  process.stdout.write(
    `${JSON.stringify({ hubCpuMs: process.cpuUsage().user / 1_000 + process.cpuUsage().system / 1_000, frames: recorder.count })}\n`,
  );
  server.kill();
  broker.close();
  process.exit(0);
});

function start(name: string) {
  const path = new URL("./peer.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [path, name, mode, ms], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const socket = child.stdio[3];
  if (!(socket instanceof Socket)) throw new Error("fd 3 is no socket");
  const manifest = { calls: [">"], publishes: [">"], subscribes: [">"] };
  broker.attach(
    socketTransport(socket),
    { kind: "actor", name, epoch: 1, manifest },
    { onReady: () => broker.setActorState(name, "ready") },
  );
  return child;
}
