/** The text of a page between its views and the authority. */
import { ChangeSet, EditorSelection, EditorState, Text, type Transaction } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AttachedView,
  DocumentModel,
  type ModelChange,
} from "../../../ui/editor/document-model.ts";
import { changesBetween } from "../../../ui/editor/text-changes.ts";

const textOf = (text: string): Text => Text.of(text.split("\n"));

/** A view without a screen. */
class FakeView implements AttachedView {
  state: EditorState;
  readonly #model: DocumentModel;

  constructor(model: DocumentModel) {
    this.#model = model;
    this.state = EditorState.create({ doc: model.text });
    model.attach(this);
  }

  apply({ changes, selection }: ModelChange): void {
    this.state = this.state.update({ changes, ...(selection && { selection }) }).state;
  }

  type(from: number, to: number, insert: string): void {
    const spec = { changes: { from, to, insert }, selection: { anchor: from + insert.length } };
    this.do(this.state.update({ ...spec, userEvent: "input.type" }));
  }

  do(transaction: Transaction): void {
    this.state = transaction.state;
    this.#model.applyFrom(this, transaction);
  }

  get text(): string {
    return this.state.doc.toString();
  }

  undo(): boolean {
    return this.#model.undo(this, this.state.selection);
  }
}

describe("changesBetween", () => {
  it("makes the one text of the other, whatever they are", () => {
    const line = fc.constantFrom("", "a", "b", "ab", "longer line", "}");
    const lines = fc.array(line, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const [a, b] = [Text.of(before), Text.of(after)];
        expect(changesBetween(a, b).apply(a).eq(b)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("is small for one changed word in a large text", () => {
    const lines = Array.from({ length: 50_000 }, (_, at) => `line ${at}`);
    const before = Text.of(lines);
    const after = Text.of(lines.with(25_000, "another 25000"));
    expect(JSON.stringify(changesBetween(before, after)).length).toBeLessThan(60);
  });
});

describe("a document of two views", () => {
  it("shows each what the other does, and has one undo for both", () => {
    const model = new DocumentModel(textOf("one\ntwo"), 4);
    const [left, right] = [new FakeView(model), new FakeView(model)];
    left.type(3, 3, "!");
    right.type(8, 8, "?");
    expect([left.text, right.text]).toEqual(["one!\ntwo?", "one!\ntwo?"]);
    expect(left.undo()).toBe(true);
    expect([left.text, right.text]).toEqual(["one!\ntwo", "one!\ntwo"]);
    expect(right.undo()).toBe(true);
    expect(right.text).toBe("one\ntwo");
    expect(right.undo()).toBe(false);
    expect(right.state.selection.main.head).toBe(0);
  });

  it("undoes only what is its own", () => {
    const model = new DocumentModel(textOf("one\ntwo"), 0);
    const view = new FakeView(model);
    view.type(0, 0, "mine ");
    model.receive(ChangeSet.of({ from: 7, insert: " theirs" }, 7));
    expect(view.text).toBe("mine one\ntwo theirs");
    view.undo();
    expect(view.text).toBe("one\ntwo theirs");
    expect(view.undo()).toBe(false);
  });

  it("takes accepted changes of others back as one step", () => {
    const model = new DocumentModel(textOf("one two"), 0);
    const view = new FakeView(model);
    const accepted = ChangeSet.of(
      [
        { from: 0, to: 3, insert: "1" },
        { from: 4, to: 7, insert: "2" },
      ],
      7,
    );
    model.receive(accepted, "recorded");
    expect(view.text).toBe("1 2");
    view.undo();
    expect(view.text).toBe("one two");
    expect(model.pending).toHaveLength(1);
  });

  it("joins typing into one step of undo, and not over a move of the cursor", () => {
    const model = new DocumentModel(textOf(""), 0);
    const view = new FakeView(model);
    for (const sign of "abc") view.type(view.state.doc.length, view.state.doc.length, sign);
    view.do(view.state.update({ selection: EditorSelection.cursor(0), userEvent: "select" }));
    view.type(0, 0, "x");
    view.undo();
    expect(view.text).toBe("abc");
    view.undo();
    expect(view.text).toBe("");
  });

  it("refuses an update for another length and keeps its text", () => {
    const model = new DocumentModel(textOf("one"), 0);
    expect(() => model.receive(ChangeSet.of({ from: 0, insert: "x" }, 9))).toThrow(/a text of 9/);
    expect(model.text.toString()).toBe("one");
  });
});

describe("a snapshot in place of the history", () => {
  it("keeps what was typed and not acknowledged, once", () => {
    const model = new DocumentModel(textOf("one\ntwo\nthree"), 3);
    const view = new FakeView(model);
    view.type(0, 0, "A");
    view.type(view.state.doc.length, view.state.doc.length, "Z");
    model.reset(textOf("Aone\nTWO\nthree"), 9, 1);
    expect(model.text.toString()).toBe("Aone\nTWO\nthreeZ");
    expect(view.text).toBe(model.text.toString());
    expect(model.pending).toHaveLength(1);
    expect(model.version).toBe(9);
    view.undo();
    view.undo();
    expect(view.text).toBe("one\nTWO\nthree");
  });
});
