import { ChangeSet } from "@codemirror/state";
import { expect, it } from "vitest";
import type { App } from "../../../ui/app/app.ts";
import { holdDocument } from "../../../ui/app/document-store.ts";
import { SmallAuthority } from "../editor/small-authority.ts";

/** An app whose actor answers only what the test says. */
function appOf() {
  const sent: unknown[] = [];
  const dirty: (boolean | undefined)[] = [];
  const ends: string[] = [];
  let take: (chunk: Uint8Array) => void = () => undefined;
  const { facts } = new SmallAuthority("text").attach("a", undefined);
  const stream = {
    accepted: { facts, isResumed: false, acknowledged: 0 },
    write: async (bytes: Uint8Array) => void sent.push(JSON.parse(new TextDecoder().decode(bytes))),
    end: () => void ends.push("ended"),
    onChunk: (listener: typeof take) => {
      take = listener;
    },
    ...{ consumed: () => undefined, done: new Promise(() => undefined) },
  };
  const app = {
    editors: {
      setDirty: (_path: string, isDirty: boolean | undefined) => dirty.push(isDirty),
      countEdits: () => undefined,
    },
    connection: { open: async () => stream, request: () => new Promise(() => undefined) },
  } as unknown as App;
  const tell = async (line: object): Promise<void> => {
    take(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
    await settle();
  };
  return { app, sent, dirty, ends, tell };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

it("a closed document ends only when its last edit is acknowledged", async () => {
  const { app, sent, dirty, ends, tell } = appOf();
  const { document, release } = holdDocument(app, "/w/a.txt");
  await settle();
  await tell({ text: "text" });
  await tell({ loaded: { version: 5, hash: "" } });
  for (const at of [4, 5])
    document.client.model?.edit(ChangeSet.of({ from: at, insert: "!" }, at), "x");
  await settle();
  expect(sent).toMatchObject([{ seq: 1, changes: [[4, [0, "!"]]] }]);
  release();
  await settle();
  expect(ends).toEqual([]);
  await tell({ ack: 1 });
  expect(sent.slice(1)).toMatchObject([{ seq: 2, changes: [[5, [0, "!"]]] }]);
  await tell({ state: { ...document.facts()?.state, isDirty: true } });
  await tell({ ack: 2 });
  expect(sent.slice(2)).toEqual([{ bye: { isClosed: true } }]);
  expect(ends).toEqual(["ended"]);
  // Nothing is marked as unsaved that no tab shows.
  expect(dirty).toEqual([true, undefined]);
});
