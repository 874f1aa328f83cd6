/**
 * Conflicts inside the text: the person's lines stay where they are, the disk's and what both came from are shown below
 * them, with what can be done.
 */
import type { EditorState, Extension, Range, Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import type { Conflict } from "../../bus/contracts/editor-document.ts";
import { placeList } from "./places.ts";

export type Take = "ours" | "theirs" | "both" | "base";

const MINE = Decoration.line({ class: "conflict-mine" });
const list = placeList<Conflict>(draw);

/** Shows a new list of conflicts. */
export const setConflicts = list.set;

export function conflictsOf(state: EditorState): readonly Conflict[] {
  return state.field(list.field, false)?.places ?? [];
}

/** `resolve` is called with the id of the conflict and what the person chose. */
export function conflicts(resolve: (id: number, take: Take) => void): Extension {
  return [
    list.extension,
    EditorView.domEventHandlers({
      click(event) {
        const button = event.target instanceof Element ? event.target.closest("[data-take]") : null;
        if (!(button instanceof HTMLElement)) return false;
        const { take, conflict } = button.dataset;
        const chosen = TAKES.find((one) => one.take === take);
        if (chosen !== undefined) resolve(Number(conflict), chosen.take);
        return true;
      },
    }),
  ];
}

function draw(places: readonly Conflict[], text: Text): DecorationSet {
  const drawn: Range<Decoration>[] = [];
  for (const [at, conflict] of places.entries()) {
    const first = text.lineAt(conflict.from);
    const last = text.lineAt(lastOf(conflict));
    drawn.push(
      Decoration.widget({
        widget: new Head(conflict, at, places.length),
        block: true,
        side: -1,
      }).range(first.from),
    );
    if (conflict.to > conflict.from) {
      for (let line = first.number; line <= last.number; line += 1)
        drawn.push(MINE.range(text.line(line).from));
    }
    drawn.push(
      Decoration.widget({ widget: new OtherSides(conflict), block: true, side: 1 }).range(last.to),
    );
  }
  return Decoration.set(drawn, true);
}

/** Its last position that is still within its last line. */
function lastOf({ from, to }: Conflict): number {
  return to > from ? to - 1 : from;
}

const TAKES: ReadonlyArray<{ readonly take: Take; readonly label: string }> = [
  { take: "ours", label: "Keep mine" },
  { take: "theirs", label: "Take theirs" },
  { take: "both", label: "Keep both" },
  { take: "base", label: "Back to before" },
];

class Head extends WidgetType {
  readonly #conflict: Conflict;
  readonly #words: string;

  constructor(conflict: Conflict, at: number, count: number) {
    super();
    this.#conflict = conflict;
    this.#words = `Conflict ${at + 1} of ${count}`;
  }

  override eq(other: Head): boolean {
    return other.#conflict.id === this.#conflict.id && other.#words === this.#words;
  }

  toDOM(): HTMLElement {
    const head = block("conflict-head");
    head.dataset["testid"] = "conflict";
    const words = document.createElement("strong");
    words.textContent = this.#words;
    head.append(words, span("mine, below"));
    for (const { take, label } of TAKES) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link";
      button.textContent = label;
      button.dataset["take"] = take;
      button.dataset["conflict"] = String(this.#conflict.id);
      head.append(button);
    }
    return head;
  }

  override ignoreEvent(): boolean {
    return false;
  }
}

class OtherSides extends WidgetType {
  readonly #conflict: Conflict;

  constructor(conflict: Conflict) {
    super();
    this.#conflict = conflict;
  }

  override eq(other: OtherSides): boolean {
    const [a, b] = [this.#conflict, other.#conflict];
    return a.id === b.id && a.theirs === b.theirs && a.base === b.base;
  }

  toDOM(): HTMLElement {
    const { theirs, base } = this.#conflict;
    const sides = block("conflict-sides");
    sides.append(side("theirs, on disk", "deleted these lines", theirs));
    sides.append(side("before both", "had no lines here", base));
    sides.firstElementChild?.classList.add("conflict-theirs");
    sides.lastElementChild?.classList.add("conflict-base");
    return sides;
  }
}

/** `text` is whole lines with their breaks. */
function side(label: string, empty: string, text: string): HTMLElement {
  const made = block("conflict-side");
  const body = document.createElement("pre");
  body.textContent = text.endsWith("\n") ? text.slice(0, -1) : text;
  body.hidden = text === "";
  made.append(span(text === "" ? `${label}: ${empty}` : label), body);
  return made;
}

function block(className: string): HTMLElement {
  const made = document.createElement("div");
  made.className = className;
  return made;
}

function span(text: string): HTMLElement {
  const made = document.createElement("span");
  made.className = "conflict-label";
  made.textContent = text;
  return made;
}
