/** What the data of the contract allows a page: undo takes back only one's own edits, and cursors stay on whole signs. */
import { collab, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { history, undo } from "@codemirror/commands";
import { ChangeSet, EditorState, type Transaction } from "@codemirror/state";
import fc from "fast-check";
import { expect, it } from "vitest";
import { untilMs } from "../../../actors/editor-sync/line-diff.ts";
import { merge } from "../../../actors/editor-sync/merge.ts";
import { edited, text } from "./texts.ts";

const ENOUGH = untilMs(Number.POSITIVE_INFINITY, () => 0);

function undone(state: EditorState): EditorState {
  let next = state;
  const dispatch = (transaction: Transaction) => {
    next = transaction.state;
  };
  while (undo({ state: next, dispatch })) {
    // Until nothing of one's own is left.
  }
  return next;
}

it("undo after changes on disk takes back one's own edits alone", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const edit = fc.record({
    line: fc.nat({ max: 9 }),
    word: fc.constantFrom("x", "two words", "\n"),
  });
  fc.assert(
    fc.property(
      fc.array(edit, { minLength: 1, maxLength: 5 }),
      fc.nat({ max: 9 }),
      (edits, theirs) => {
        const extensions = [collab({ clientID: "me", startVersion: 0 }), history()];
        let state = EditorState.create({ doc: lines.join("\n"), extensions });
        for (const { line, word } of edits) {
          const { to } = state.doc.line(11 + line);
          state = state.update({ changes: { from: to, insert: word }, userEvent: "input" }).state;
        }
        // Theirs are in the first ten lines, ours in the others.
        const disk = lines.with(theirs, "changed on disk").join("\n");
        const merged = merge(
          { base: lines.join("\n"), ours: state.doc.toString(), theirs: disk },
          ENOUGH,
        );
        expect(merged.conflicts).toEqual([]);
        const changes = ChangeSet.of([...merged.ours], state.doc.length);
        // The actor has all edits by then: the change on disk comes after them.
        const own = sendableUpdates(state).map((update) => ({ ...update, clientID: "me" }));
        state = receiveUpdates(state, own).state;
        state = receiveUpdates(state, [{ changes, clientID: ":disk" }]).state;
        expect(undone(state).doc.toString()).toBe(disk);
      },
    ),
    { numRuns: 100 },
  );
});

it("a cursor stays in the text and outside of surrogate pairs, whatever the disk does", () => {
  const changed = text.chain((base) => fc.tuple(fc.constant(base), edited(base), edited(base)));
  fc.assert(
    fc.property(changed, fc.nat(), ([base, ours, theirs], at) => {
      let cursor = at % (ours.length + 1);
      if (isInsidePair(ours, cursor)) cursor--;
      const merged = merge({ base, ours, theirs }, ENOUGH);
      const state = EditorState.create({ doc: ours, selection: { anchor: cursor } });
      const after = state.update({ changes: [...merged.ours] }).state;
      const { head } = after.selection.main;
      expect(head).toBeLessThanOrEqual(after.doc.length);
      expect(isInsidePair(after.doc.toString(), head)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

function isInsidePair(whole: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(whole.slice(at - 1, at + 1)) && at > 0;
}
