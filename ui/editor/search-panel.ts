/**
 * Find and replace in one editor, in the look of the other search bars: Enter next, Shift+Enter previous, Esc closes,
 * the same key again searches in files.
 */
import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  openSearchPanel,
  replaceAll,
  replaceNext,
  SearchQuery,
  search,
  searchPanelOpen,
  setSearchQuery,
} from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { type EditorView, type Panel, runScopeHandlers, type ViewUpdate } from "@codemirror/view";
import type { IconName } from "../icons.ts";
import { iconElement } from "./icon-element.ts";
import { countMatches, type MatchCount, matchWords } from "./search-count.ts";

export function searchExtension(): Extension {
  return search({ top: true, createPanel: (view) => new SearchPanel(view) });
}

/** Opens it with what is selected; `again` when it is open and has the focus already. */
export function showSearch(view: EditorView, again: (text: string) => void): void {
  const panel = view.dom.querySelector(".editor-search");
  if (searchPanelOpen(view.state) && panel?.contains(document.activeElement) === true) {
    again(getSearchQuery(view.state).search);
    return;
  }
  openSearchPanel(view);
  // The focus may be in a program's hands: the command came from a palette that has just closed.
  requestAnimationFrame(() => {
    const field = view.dom.querySelector<HTMLInputElement>("[main-field]");
    field?.focus();
    field?.select();
  });
}

class SearchPanel implements Panel {
  readonly dom = document.createElement("div");
  readonly top = true;
  readonly #view: EditorView;
  readonly #find: HTMLInputElement;
  readonly #replace: HTMLInputElement;
  readonly #toggles: readonly Toggle[];
  readonly #count = document.createElement("span");
  #counting: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView) {
    this.#view = view;
    const { search: text, replace } = getSearchQuery(view.state);
    this.#find = field("Find", text);
    this.#find.setAttribute("main-field", "true");
    this.#replace = field("Replace", replace);
    this.#toggles = TOGGLES.map((kind) => new Toggle(kind, getSearchQuery(view.state)));
    this.#build();
    this.#recount();
  }

  mount(): void {
    this.#find.select();
  }

  update(update: ViewUpdate): void {
    for (const transaction of update.transactions) {
      for (const effect of transaction.effects) {
        if (effect.is(setSearchQuery)) this.#show(effect.value);
      }
    }
    if (update.docChanged || update.selectionSet) this.#recount();
  }

  destroy(): void {
    clearTimeout(this.#counting);
  }

  #build(): void {
    this.dom.className = "editor-search";
    this.dom.setAttribute("role", "search");
    this.dom.dataset["testid"] = "editor-search";
    this.#count.className = "search-count";
    this.#count.setAttribute("role", "status");
    const finds = row(
      this.#find,
      ...this.#toggles.map(({ button }) => button),
      this.#count,
      iconButton("Previous (Shift+Enter)", "arrow-up", () => findPrevious(this.#view)),
      iconButton("Next (Enter)", "arrow-down", () => findNext(this.#view)),
      iconButton("Close (Esc)", "x", () => this.#close()),
    );
    const replaces = row(
      this.#replace,
      textButton("Replace", () => replaceNext(this.#view)),
      textButton("Replace all", () => replaceAll(this.#view)),
    );
    replaces.hidden = this.#view.state.readOnly;
    this.dom.append(finds, replaces);
    this.dom.addEventListener("keydown", (event) => this.#onKey(event));
    this.dom.addEventListener("input", () => this.#commit());
    for (const toggle of this.#toggles)
      toggle.button.addEventListener("click", () => {
        toggle.flip();
        this.#commit();
      });
  }

  #onKey(event: KeyboardEvent): void {
    if (runScopeHandlers(this.#view, event, "search-panel")) return event.preventDefault();
    if (event.key === "Escape") this.#close();
    else if (event.key !== "Enter" || event.isComposing) return;
    else if (event.target === this.#replace) replaceNext(this.#view);
    else if (event.target !== this.#find) return;
    else if (event.shiftKey) findPrevious(this.#view);
    else findNext(this.#view);
    event.preventDefault();
  }

  #close(): void {
    closeSearchPanel(this.#view);
    this.#view.focus();
  }

  #commit(): void {
    const isOn = (name: ToggleName) =>
      this.#toggles.find((one) => one.name === name)?.isOn === true;
    const query = new SearchQuery({
      search: this.#find.value,
      replace: this.#replace.value,
      caseSensitive: isOn("caseSensitive"),
      wholeWord: isOn("wholeWord"),
      regexp: isOn("regexp"),
      literal: true,
    });
    if (query.eq(getSearchQuery(this.#view.state))) return;
    this.#view.dispatch({ effects: setSearchQuery.of(query) });
    this.#recount();
  }

  #show(query: SearchQuery): void {
    if (this.#find.value !== query.search) this.#find.value = query.search;
    if (this.#replace.value !== query.replace) this.#replace.value = query.replace;
    for (const toggle of this.#toggles) toggle.set(query[toggle.name]);
    this.#recount();
  }

  /** Counted a moment after the last key, so that typing stays quick in a long text. */
  #recount(): void {
    clearTimeout(this.#counting);
    this.#counting = setTimeout(() => {
      const query = getSearchQuery(this.#view.state);
      this.#say(query, query.valid ? countMatches(query, this.#view.state) : undefined);
    }, 60);
  }

  #say(query: SearchQuery, count: MatchCount | undefined): void {
    const isBad = query.search !== "" && !query.valid;
    this.#find.setAttribute("aria-invalid", String(isBad));
    this.#count.textContent = isBad ? "Not a pattern" : matchWords(query.search, count);
  }
}

type ToggleName = "caseSensitive" | "wholeWord" | "regexp";

interface ToggleKind {
  readonly name: ToggleName;
  readonly label: string;
  readonly icon: IconName;
}

const TOGGLES: readonly ToggleKind[] = [
  { name: "caseSensitive", label: "Match case", icon: "case-sensitive" },
  { name: "wholeWord", label: "Whole words", icon: "whole-word" },
  { name: "regexp", label: "Regular expression", icon: "regex" },
];

class Toggle {
  readonly name: ToggleName;
  readonly button: HTMLButtonElement;

  constructor({ name, label, icon }: ToggleKind, query: SearchQuery) {
    this.name = name;
    this.button = iconButton(label, icon, () => undefined);
    this.button.classList.add("search-toggle");
    this.set(query[name]);
  }

  get isOn(): boolean {
    return this.button.getAttribute("aria-pressed") === "true";
  }

  set(isOn: boolean): void {
    this.button.setAttribute("aria-pressed", String(isOn));
  }

  flip(): void {
    this.set(!this.isOn);
  }
}

function row(...parts: readonly HTMLElement[]): HTMLElement {
  const made = document.createElement("div");
  made.className = "editor-search-row";
  made.append(...parts);
  return made;
}

function field(label: string, value: string): HTMLInputElement {
  const input = document.createElement("input");
  input.value = value;
  input.placeholder = label;
  input.maxLength = 4_000;
  input.spellcheck = false;
  input.setAttribute("aria-label", label);
  return input;
}

function iconButton(label: string, icon: IconName, run: () => unknown): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon-only";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.append(iconElement(icon, 16));
  button.addEventListener("click", () => void run());
  return button;
}

function textButton(label: string, run: () => unknown): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", () => void run());
  return button;
}
