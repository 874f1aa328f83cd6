/**
 * Which lines differ from another text: git's last commit, and what is on disk. Two bars left of the text, each kind of
 * change with a shape of its own.
 */
import { Chunk, type DiffConfig } from "@codemirror/merge";
import {
  type EditorState,
  type Extension,
  StateEffect,
  StateField,
  type Text,
} from "@codemirror/state";
import {
  type BlockInfo,
  type EditorView,
  GutterMarker,
  gutter,
  type ViewUpdate,
} from "@codemirror/view";

/** What the text is compared with. */
export type Baseline = "head" | "saved";

/** Units of both texts together beyond which nothing is compared. */
export const COMPARED_MAX = 6_000_000;
const CONFIG: DiffConfig = { scanLimit: 500, timeout: 80 };

/** Gives a view the text to compare with; undefined: there is none. */
export const setBaseline = StateEffect.define<{
  readonly baseline: Baseline;
  readonly text: Text | undefined;
}>();

interface Compared {
  readonly base: Text | undefined;
  readonly chunks: readonly Chunk[];
}

export type ChangeKind = "added" | "changed" | "deleted";

/** The gutter and the two comparisons behind it. */
export function changeGutter(): Extension {
  return [
    fields.head,
    fields.saved,
    gutter({
      class: "editor-changes",
      lineMarker: (view, block) => markerOf(view, block),
      lineMarkerChange: hasChanged,
      initialSpacer: () => SPACER,
    }),
  ];
}

/** Starts of changed places, in order: those against the last commit, else those that are not saved. */
export function changedPlaces(state: EditorState): readonly number[] {
  const { base, chunks } = state.field(fields.head, false) ?? NOTHING;
  const used = base === undefined ? (state.field(fields.saved, false)?.chunks ?? []) : chunks;
  return used.map(({ fromB }) => Math.min(fromB, state.doc.length));
}

const NOTHING: Compared = { base: undefined, chunks: [] };

function comparedField(baseline: Baseline): StateField<Compared> {
  return StateField.define<Compared>({
    create: () => NOTHING,
    update(value, transaction) {
      for (const effect of transaction.effects) {
        if (effect.is(setBaseline) && effect.value.baseline === baseline)
          return compare(effect.value.text, transaction.newDoc);
      }
      const { base, chunks } = value;
      if (!transaction.docChanged || base === undefined) return value;
      const { newDoc, changes } = transaction;
      return { base, chunks: Chunk.updateB(chunks, base, newDoc, changes, CONFIG) };
    },
  });
}

const fields: Readonly<Record<Baseline, StateField<Compared>>> = {
  head: comparedField("head"),
  saved: comparedField("saved"),
};

function compare(base: Text | undefined, text: Text): Compared {
  if (base === undefined || base.length + text.length > COMPARED_MAX) return NOTHING;
  return { base, chunks: Chunk.build(base, text, CONFIG) };
}

function hasChanged(update: ViewUpdate): boolean {
  return (
    update.startState.field(fields.head) !== update.state.field(fields.head) ||
    update.startState.field(fields.saved) !== update.state.field(fields.saved)
  );
}

function markerOf(view: EditorView, block: BlockInfo): GutterMarker | null {
  const { state } = view;
  const head = kindAt(state.field(fields.head).chunks, block.from, state.doc.length);
  const saved = kindAt(state.field(fields.saved).chunks, block.from, state.doc.length);
  return head === undefined && saved === undefined ? null : new ChangeMarker(head, saved);
}

/** What happened to the line that begins at `from`. */
function kindAt(chunks: readonly Chunk[], from: number, length: number): ChangeKind | undefined {
  let low = 0;
  let high = chunks.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle];
    if (chunk === undefined) return undefined;
    const isDeletion = chunk.fromB === chunk.toB;
    const start = Math.min(chunk.fromB, length);
    if (isDeletion && start === from) return "deleted";
    if (!isDeletion && from >= chunk.fromB && from < Math.max(chunk.toB, chunk.fromB + 1))
      return chunk.fromA === chunk.toA ? "added" : "changed";
    if (from < chunk.fromB) high = middle - 1;
    else low = middle + 1;
  }
  return undefined;
}

const WORDS: Readonly<Record<ChangeKind, string>> = {
  added: "Added",
  changed: "Changed",
  deleted: "Lines deleted above",
};

class ChangeMarker extends GutterMarker {
  readonly #head: ChangeKind | undefined;
  readonly #saved: ChangeKind | undefined;

  constructor(head: ChangeKind | undefined, saved: ChangeKind | undefined) {
    super();
    this.#head = head;
    this.#saved = saved;
  }

  override eq(other: ChangeMarker): boolean {
    return other.#head === this.#head && other.#saved === this.#saved;
  }

  override toDOM(): Node {
    const mark = document.createElement("div");
    mark.className = "change-mark";
    if (this.#head !== undefined) mark.append(bar(`change-head change-${this.#head}`));
    if (this.#saved !== undefined) mark.append(bar("change-unsaved"));
    mark.title = [
      this.#head === undefined ? "" : `${WORDS[this.#head]} since the last commit`,
      this.#saved === undefined ? "" : "Not saved",
    ]
      .filter((part) => part !== "")
      .join("\n");
    return mark;
  }
}

function bar(className: string): HTMLElement {
  const made = document.createElement("span");
  made.className = className;
  return made;
}

const SPACER = new ChangeMarker("added", "added");
