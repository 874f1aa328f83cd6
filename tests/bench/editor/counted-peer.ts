/** A peer as the page is one, which counts every byte of its link. */
import { join } from "node:path";
import { connectPeer } from "../../../bus/client.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";

export interface CountedPeer {
  readonly peer: Peer;
  readonly bytes: { up: number; down: number };
}

export async function connectCounted(runtimeDir: string): Promise<CountedPeer> {
  const token = await readToken(join(runtimeDir, "token"));
  const transport = await connectUnix(join(runtimeDir, "hub.sock"));
  const bytes = { up: 0, down: 0 };
  const write = transport.write.bind(transport);
  transport.write = (slices) => {
    for (const slice of slices) bytes.up += slice.length;
    return write(slices);
  };
  const peer = await connectPeer(transport, { hello: { name: "ui", pid: process.pid, token } });
  const onData = transport.onData;
  transport.onData = (chunk) => {
    bytes.down += chunk.length;
    onData(chunk);
  };
  return { peer, bytes };
}
