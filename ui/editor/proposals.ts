/** What an agent proposes, inside the text: what would go is struck through, what would come stands below it. */
import type { EditorState, Extension, Range, Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import type { Proposal } from "../../bus/contracts/editor-document.ts";
import { placeList } from "./places.ts";

export type Answer = "accept" | "reject";

const GOES = Decoration.mark({ class: "proposal-goes" });
const list = placeList<Proposal>(draw);

/** Shows a new list of proposals. */
export const setProposals = list.set;

export function proposalsOf(state: EditorState): readonly Proposal[] {
  return state.field(list.field, false)?.places ?? [];
}

/** `answer` is called with the id of the proposal and what the person chose. */
export function proposals(answer: (id: number, how: Answer) => void): Extension {
  return [
    list.extension,
    EditorView.domEventHandlers({
      click(event) {
        const button =
          event.target instanceof Element ? event.target.closest("[data-proposal]") : null;
        if (!(button instanceof HTMLElement)) return false;
        const how = button.dataset["answer"];
        if (how === "accept" || how === "reject") answer(Number(button.dataset["proposal"]), how);
        return true;
      },
    }),
  ];
}

function draw(places: readonly Proposal[], text: Text): DecorationSet {
  const drawn: Range<Decoration>[] = [];
  for (const [at, proposal] of places.entries()) {
    const widget = new Comes(proposal, `Proposal ${at + 1} of ${places.length}`);
    if (proposal.to > proposal.from) drawn.push(GOES.range(proposal.from, proposal.to));
    const end = text.lineAt(proposal.to > proposal.from ? proposal.to - 1 : proposal.from).to;
    drawn.push(Decoration.widget({ widget, block: true, side: 1 }).range(end));
  }
  return Decoration.set(drawn, true);
}

class Comes extends WidgetType {
  readonly #proposal: Proposal;
  readonly #words: string;

  constructor(proposal: Proposal, words: string) {
    super();
    this.#proposal = proposal;
    this.#words = words;
  }

  override eq(other: Comes): boolean {
    const [a, b] = [this.#proposal, other.#proposal];
    const isSame = a.id === b.id && a.insert === b.insert && a.isStale === b.isStale;
    return isSame && this.#words === other.#words;
  }

  toDOM(): HTMLElement {
    const { insert, by, note, isStale, from, to } = this.#proposal;
    const made = document.createElement("div");
    made.className = "proposal";
    made.dataset["testid"] = "proposal";
    const head = document.createElement("div");
    head.className = "proposal-head";
    const words = document.createElement("strong");
    words.textContent = `${this.#words} by ${by}`;
    const says = document.createElement("span");
    says.className = "proposal-note";
    says.textContent = isStale
      ? "The text in it has changed since; it can only be rejected."
      : note;
    head.append(words, says);
    if (!isStale) head.append(this.#button("accept", "Accept"));
    head.append(this.#button("reject", "Reject"));
    made.append(head);
    const body = document.createElement("pre");
    const isWhole = insert.endsWith("\n");
    body.textContent = isWhole ? insert.slice(0, -1) : insert;
    if (insert === "" && to > from) body.hidden = true;
    made.append(body);
    return made;
  }

  override ignoreEvent(): boolean {
    return false;
  }

  #button(how: Answer, label: string): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = label;
    button.dataset["proposal"] = String(this.#proposal.id);
    button.dataset["answer"] = how;
    return button;
  }
}
