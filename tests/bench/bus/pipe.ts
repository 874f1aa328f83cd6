/** The bare two-hop forwarder: `hub` pipes its two children together, `source` writes, `target` reads and counts. */
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import process from "node:process";
import { CHUNK_BYTES } from "./work.ts";

const [role = "hub", ms = "2000"] = process.argv.slice(2);
if (role === "hub") forward();
else if (role === "source") write();
else count();

function forward(): void {
  const target = start("target");
  const source = start("source");
  source.socket.pipe(target.socket);
  source.child.on("exit", () => target.socket.end());
}

function start(name: string) {
  const child = spawn(process.execPath, [import.meta.filename, name, ms], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const socket = child.stdio[3];
  if (!(socket instanceof Socket)) throw new Error("fd 3 is no socket");
  return { child, socket };
}

function write(): void {
  const socket = new Socket({ fd: 3 });
  const chunk = Buffer.alloc(CHUNK_BYTES, 65);
  const endMs = performance.now() + Number(ms) * 1.25;
  const more = (): void => {
    while (performance.now() < endMs)
      if (!socket.write(chunk)) return void socket.once("drain", more);
    socket.end(() => process.exit(0));
  };
  more();
}

function count(): void {
  const socket = new Socket({ fd: 3 });
  let bytes = 0;
  let startMs = 0;
  let from = 0;
  const bornMs = performance.now();
  socket.on("data", (chunk) => {
    bytes += chunk.length;
    // The first quarter is the warm-up of the other side too.
    if (startMs === 0 && performance.now() - bornMs > Number(ms) / 4) {
      startMs = performance.now();
      from = bytes;
    }
  });
  socket.on("end", () => {
    process.stdout.write(
      `${JSON.stringify({ rate: ((bytes - from) * 1_000) / (performance.now() - startMs) })}\n`,
    );
    process.exit(0);
  });
}
