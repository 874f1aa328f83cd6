/** The editor-sync actor's process: wires its parts, decides nothing. */
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { documents as documentsTopic } from "../../bus/contracts/editor-sync.ts";
import { BusCode } from "../../bus/errors.ts";
import type { CallContext } from "../../bus/peer.ts";
import { type ActorContext, runActor } from "../runtime/index.ts";
import { Documents } from "./documents.ts";
import { GuardedFiles, isAbsence, isOutside } from "./guarded-files.ts";
import { HandedOut } from "./handed-out.ts";
import { JournalFolder } from "./journal-folder.ts";
import { Merger } from "./merger.ts";
import { Publisher } from "./publisher.ts";
import { serveEditorSync } from "./service.ts";
import { ShownFiles } from "./shown.ts";
import { Watches } from "./watches.ts";

/** Every open file is looked at this often, whatever its watch says, milliseconds. */
const LOOK_MS = 15_000;

runActor({ name: "editor-sync", start });

function start(ctx: ActorContext): void {
  const { peer, clock, log, env, stateDir } = ctx;
  const files = new GuardedFiles(peer);
  const merger = new Merger(clock);
  const journals = new JournalFolder(join(stateDir, "journals"), Date.now());
  const shown = new ShownFiles(clock);
  const publisher = new Publisher(clock, () => {
    peer.publish(documentsTopic, { documents: documents.list() });
  });
  const documents = new Documents({
    ...{ files, merger, journals, clock, workspace: env.workspace },
    watches: new Watches(files, clock),
    newId: () => randomBytes(8).toString("hex"),
    onChange: () => publisher.changed(),
  });
  const realPath = async (path: string, call: CallContext): Promise<string> => {
    try {
      return (await files.stat(path, call)).path;
    } catch (error) {
      if (isAbsence(error) || isOutside(error)) return resolve(env.workspace, path);
      throw error;
    }
  };
  const handedOut = new HandedOut();
  serveEditorSync({ peer, documents, shown, files, merger, clock, handedOut, realPath });
  publisher.changed();
  const look = (): void => {
    for (const { document, sync } of documents.all()) if (document.views > 0) void sync.rescan();
    clock.setTimer(LOOK_MS, look);
  };
  clock.setTimer(LOOK_MS, look);
  ctx.onStop(async () => {
    documents.close(BusCode.down, "the editor's process stops");
    await merger.close();
  });
  log.info("documents are served", { kept: journals.unsaved().length });
}
