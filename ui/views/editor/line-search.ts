/** A search in one file that is not taken in whole: which of its lines were found, and the one that is looked at. */
import { createEffect, createSignal, on, onCleanup } from "solid-js";
import { useApp } from "../../app/app.ts";
import { createSearchStore } from "../../app/search-store.ts";
import { badPattern } from "../../state/bad-pattern.ts";
import { firstFrom, foundWords, stepped } from "../../state/found-line.ts";

/** A file of many bytes is not begun anew with each letter, milliseconds. */
const PAUSE_MS = 200;

/** What is searched for. */
export interface LineWish {
  readonly pattern: string;
  readonly isRegex: boolean;
}

export interface LineSearchOptions {
  readonly path: string;
  /** The line that is looked at, from 0: the search begins there. */
  readonly from: number;
  /** Shows a line, from 0. */
  readonly onFound: (line: number) => void;
}

export interface LineSearch {
  /** How far it has come, or why it cannot be made; empty without a pattern. */
  words(): string;
  isWrong(): boolean;
  /** Begins anew once nothing was typed for a moment. */
  soon(wish: LineWish): void;
  /** Goes on to the next line found; begins when the wish is another. */
  step(wish: LineWish, direction: -1 | 1): void;
}

/** Lives in the calling reactive scope. */
export function createLineSearch(options: LineSearchOptions): LineSearch {
  const store = createSearchStore(useApp().connection);
  const [at, setAt] = createSignal(-1);
  const lines = () => store.found().flatMap(({ hits }) => hits.map(({ line }) => line - 1));
  let started: LineWish = { pattern: "", isRegex: false };
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const show = (place: number): void => {
    setAt(place);
    const line = lines()[place];
    if (line !== undefined) options.onFound(line);
  };
  const start = (wish: LineWish): void => {
    clearTimeout(timer);
    started = wish;
    setAt(-1);
    const all = { caseSensitive: false, wholeWords: false, include: [] };
    store.start({ path: options.path, ...wish, ...all });
  };
  // The first hits come long before the last.
  createEffect(
    on([store.count, store.state], ([count, state]) => {
      if (at() >= 0 || count === 0) return;
      const place = lines().findIndex((line) => line >= options.from);
      if (place >= 0) show(place);
      else if (state.type === "ended") show(firstFrom(lines(), options.from));
    }),
  );
  return {
    words() {
      const state = store.state();
      if (state.type === "none") return "";
      if (state.type === "failed")
        return badPattern(state.words, started.pattern)?.reason ?? state.words;
      const ended = state.type === "ended" && (state.isCut ? "cut" : "whole");
      return foundWords({ count: store.count(), at: at(), phase: ended || "running" });
    },
    isWrong: () => store.state().type === "failed",
    soon(wish) {
      clearTimeout(timer);
      timer = setTimeout(() => start(wish), PAUSE_MS);
    },
    step(wish, direction) {
      const isSame = wish.pattern === started.pattern && wish.isRegex === started.isRegex;
      if (isSame) show(stepped(lines(), at(), direction));
      else start(wish);
    },
  };
}
