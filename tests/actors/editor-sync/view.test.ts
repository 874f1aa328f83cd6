import { Text } from "@codemirror/state";
import { expect, it } from "vitest";
import { Authority } from "../../../actors/editor-sync/authority.ts";
import type { LineStream } from "../../../actors/editor-sync/line-writer.ts";
import { Marks } from "../../../actors/editor-sync/marks.ts";
import { View, type ViewSource } from "../../../actors/editor-sync/view.ts";
import type { Facts, State } from "../../../bus/contracts/editor-document.ts";

it("of proposals no more waits for a view that does not read than of text", () => {
  let bytes = 0;
  const never = new Promise<void>(() => undefined);
  const stream: LineStream = {
    write(chunk) {
      bytes += chunk.length;
      return never;
    },
    ...{ end: () => undefined, reset: () => undefined, done: never },
    ...{ onChunk: () => undefined, consumed: () => undefined },
  };
  const marks = new Marks();
  const authority = new Authority({ base: Text.of(["a"]), version: 0 });
  const state = () => ({}) as State;
  const source: ViewSource = { authority, marks, state, facts: () => ({}) as Facts };
  const view = new View(source, {
    ...{ client: "slow", principal: "agent", stream, from: 0 },
    ...{ onPush: () => "taken", onGone: () => undefined },
  });
  view.start();
  for (let count = 0; count < 100; count++) {
    marks.propose([{ from: 0, to: 0, insert: "y".repeat(10_000) }], "agent", "");
    view.pump();
  }
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(1024 * 1024);
});
