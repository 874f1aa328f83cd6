/** The editor-sync service with the real file guard, in this process, between a real broker and peers of any principal. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Documents } from "../../../actors/editor-sync/documents.ts";
import { GuardedFiles } from "../../../actors/editor-sync/guarded-files.ts";
import { HandedOut } from "../../../actors/editor-sync/handed-out.ts";
import { JournalFolder } from "../../../actors/editor-sync/journal-folder.ts";
import { Merger } from "../../../actors/editor-sync/merger.ts";
import { serveEditorSync } from "../../../actors/editor-sync/service.ts";
import { ShownFiles } from "../../../actors/editor-sync/shown.ts";
import { Watches } from "../../../actors/editor-sync/watches.ts";
import { loadNativeGuard } from "../../../actors/file-guard/native.ts";
import { serveFileGuard } from "../../../actors/file-guard/service.ts";
import { serveStreams } from "../../../actors/file-guard/streams.ts";
import { type Broker, createBroker } from "../../../bus/broker/index.ts";
import { connectPeer } from "../../../bus/client.ts";
import { systemClock } from "../../../bus/clock.ts";
import { memoryLink } from "../../../bus/memory.ts";
import type { Peer } from "../../../bus/peer.ts";
import type { Principal } from "../../../bus/protocol.ts";
import { ADDON, makeYard, type Yard } from "../file-guard/real-guard.ts";

export interface InProcess extends Yard {
  readonly documents: Documents;
  /** Folder of the journals. */
  readonly journals: string;
  peer(principal?: Principal): Promise<Peer>;
  path(name: string): string;
  read(name: string): string;
  close(): void;
}

/**
 * @param hints whether the guard's watch is listened to; without, only looks tell of changes.
 * @param leave puts journals of an earlier life into their folder, for files of this workspace.
 */
export async function openInProcess(
  hints: "hints" | "no-hints" = "hints",
  leave: (journals: string, workspace: string) => void = () => undefined,
): Promise<InProcess> {
  const yard = makeYard();
  const state = mkdtempSync(join(tmpdir(), "bulkhead-editor-"));
  const journals = join(state, "journals");
  mkdirSync(journals);
  leave(journals, yard.workspace);
  const broker = createBroker({ hubEpoch: 1 });
  const guardPeer = await connectActor(broker, "file-guard", []);
  const guard = loadNativeGuard(ADDON, yard.variables);
  const serving = {
    peer: guardPeer,
    guard,
    wallMs: () => Date.now(),
    clock: systemClock,
    says: () => "",
  };
  serveFileGuard(serving);
  serveStreams(serving);
  broker.setActorState("file-guard", "ready");
  const own = await connectActor(broker, "editor-sync", ["file-guard.>"]);
  const clock = systemClock;
  const files = new GuardedFiles(own);
  const merger = new Merger(clock);
  const none = { watch: () => () => undefined } as unknown as Watches;
  const documents = new Documents({
    ...{ files, merger, clock, workspace: yard.workspace },
    watches: hints === "hints" ? new Watches(files, clock) : none,
    journals: new JournalFolder(journals, Date.now()),
    newId: () => randomBytes(8).toString("hex"),
    onChange: () => undefined,
  });
  const shown = new ShownFiles(clock);
  const realPath = async (path: string) => path;
  const handedOut = new HandedOut();
  serveEditorSync({ peer: own, documents, shown, files, merger, clock, handedOut, realPath });
  broker.setActorState("editor-sync", "ready");
  const path = (name: string): string => join(yard.workspace, name);
  return {
    ...yard,
    documents,
    journals,
    path,
    read: (name) => readFileSync(path(name), "utf8"),
    peer: async (principal = "person") => {
      const [near, far] = memoryLink();
      broker.attach(near, { kind: "edge", name: "ui", principal });
      return connectPeer(far, { hello: { name: "ui", pid: process.pid } });
    },
    close: () => {
      documents.close("bus/down", "the test is over");
      broker.close();
      yard.remove();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

async function connectActor(broker: Broker, name: string, calls: string[]): Promise<Peer> {
  broker.declareActor(name);
  const [ours, theirs] = memoryLink();
  const manifest = { calls, publishes: [`${name}.>`], subscribes: [] };
  broker.attach(ours, { kind: "actor", name, epoch: 1, manifest });
  return connectPeer(theirs, { hello: { name, pid: process.pid } });
}
