/** The editor-sync and file-guard actors as processes of their own, under their profiles, below a real hub. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { byHand, type HubUnderTest, QUICK, startHub } from "../../system/hub-harness.ts";
import { makeYard, type Yard } from "../file-guard/real-guard.ts";

const NODE_DIR = resolve(import.meta.dirname, "../../../dist/node");

/** A hub with both actors, over a folder of its own. */
export interface EditorHub extends HubUnderTest {
  readonly yard: Yard;
  /** Real path of a file of the workspace. */
  path(name: string): string;
  read(name: string): string;
  write(name: string, text: string | Uint8Array): void;
  /** SIGKILL, and waits for the next one. */
  kill(name: "editor-sync" | "file-guard"): Promise<void>;
  close(): Promise<void>;
}

export async function openEditorHub(): Promise<EditorHub> {
  const yard = makeYard();
  const dir = join(yard.home, "..", "hub");
  mkdirSync(dir, { recursive: true });
  const child = (name: string, more: object = {}) => ({
    name,
    script: join(NODE_DIR, `${name}.mjs`),
    profile: name,
    ...more,
  });
  const hub = await startHub({
    drill: { timings: QUICK, children: [child("file-guard"), child("editor-sync")] },
    dir,
    env: { HOME: yard.home, BULKHEAD_WORKSPACE: yard.workspace },
  });
  await hub.until("file-guard", "ready");
  await hub.until("editor-sync", "ready");
  const path = (name: string): string => join(yard.workspace, name);
  return {
    ...hub,
    yard,
    path,
    read: (name) => readFileSync(path(name), "utf8"),
    write: (name, text) => {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    },
    kill: async (name) => {
      const { epoch } = await hub.row(name);
      await byHand(hub.peer, name, "kill");
      await hub.until(name, "ready", (row) => (row.epoch ?? 0) > (epoch ?? 0));
    },
    close: async () => {
      await hub.end();
      yard.remove();
    },
  };
}
