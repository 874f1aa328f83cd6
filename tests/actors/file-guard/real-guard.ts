/** The file guard's service with the real addon, between a real broker and peers of any principal. */
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { audited, serveAudit, tellAuditHead } from "../../../actors/file-guard/audit.ts";
import { loadNativeGuard } from "../../../actors/file-guard/native.ts";
import { serveFileGuard } from "../../../actors/file-guard/service.ts";
import { serveStreams } from "../../../actors/file-guard/streams.ts";
import { createBroker } from "../../../bus/broker/index.ts";
import { connectPeer } from "../../../bus/client.ts";
import { systemClock } from "../../../bus/clock.ts";
import { memoryLink } from "../../../bus/memory.ts";
import type { BusStream, Peer } from "../../../bus/peer.ts";
import type { Principal } from "../../../bus/protocol.ts";

export const ADDON: string = join(import.meta.dirname, "../../../dist/node/guard.node");
export const SECRET = "SECRET-tres3cret";
export const OPEN = "plain words\n";

/** A home folder with secrets and a workspace in it. */
export interface Yard {
  readonly home: string;
  readonly workspace: string;
  /** `S`: the audit log is in its folder `audit`. */
  readonly state: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Writes a file of the workspace, folders included. */
  write(path: string, text: string | Uint8Array): void;
  remove(): void;
}

/** A service over a yard. */
export interface RealGuard extends Yard {
  /** A peer that acts as `principal`. */
  peer(principal?: Principal): Promise<Peer>;
  /** An actor of that name that may call what the patterns say. */
  actor(name: string, calls: readonly string[]): Promise<Peer>;
  close(): void;
}

export function makeYard(): Yard {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "bulkhead-guard-")));
  const home = join(top, "home");
  const workspace = join(home, "ws");
  const write = (path: string, text: string | Uint8Array): void => {
    const full = join(workspace, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  };
  write(".env", SECRET);
  write("../.ssh/id_ed25519", SECRET);
  write("../.npmrc", SECRET);
  write("open.txt", OPEN);
  write("src/main.ts", `const word = "plain words";\n`);
  write(".git/config", "");
  linkSync(join(workspace, ".env"), join(workspace, "second.txt"));
  const variables = {
    HOME: home,
    BULKHEAD_WORKSPACE: workspace,
    BULKHEAD_STATE_DIR: join(top, "state"),
    BULKHEAD_CONFIG_DIR: join(top, "config"),
    BULKHEAD_RUNTIME_DIR: join(top, "run"),
  };
  for (const folder of ["state", "config", "run", "home/.local/share"]) {
    mkdirSync(join(top, folder), { recursive: true });
  }
  return {
    ...{ home, workspace, state: join(top, "state"), variables, write },
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}

export async function openGuard(): Promise<RealGuard> {
  const yard = makeYard();
  const bare = loadNativeGuard(ADDON, yard.variables);
  const broker = createBroker({ hubEpoch: 1 });
  broker.declareActor("file-guard");
  const [ours, theirs] = memoryLink();
  const manifest = { calls: [], publishes: ["file-guard.>"], subscribes: [] };
  broker.attach(ours, { kind: "actor", name: "file-guard", epoch: 1, manifest });
  const server = await connectPeer(theirs, { hello: { name: "file-guard", pid: process.pid } });
  const guard = audited(bare, tellAuditHead(server, bare, systemClock));
  const options = {
    peer: server,
    guard,
    clock: systemClock,
    wallMs: () => Date.now(),
    says: () => "the wall is up",
  };
  serveFileGuard(options);
  serveStreams(options);
  serveAudit(server, guard);
  broker.setActorState("file-guard", "ready");
  const actor = async (name: string, calls: readonly string[]): Promise<Peer> => {
    const [near, far] = memoryLink();
    broker.declareActor(name);
    const identity = { kind: "actor", name, epoch: 1, manifest: { ...manifest, calls } } as const;
    broker.attach(near, identity);
    return connectPeer(far, { hello: { name, pid: process.pid } });
  };
  const peer = async (principal: Principal = "person"): Promise<Peer> => {
    const [near, far] = memoryLink();
    broker.attach(near, { kind: "edge", name: "ui", principal });
    return connectPeer(far, { hello: { name: "ui", pid: process.pid } });
  };
  const close = (): void => {
    broker.close();
    yard.remove();
  };
  return { ...yard, peer, actor, close };
}

/** All bytes of a stream as text. Our direction ends at once: it carries nothing. */
export async function textOf(stream: BusStream<unknown>): Promise<string> {
  stream.end();
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks).toString();
}
