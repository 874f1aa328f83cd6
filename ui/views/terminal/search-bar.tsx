/** Find here: searches the screen and the scrollback. Enter next, Shift+Enter previous, Esc closes. */
import { createSignal, type JSX, onCleanup, onMount } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { TerminalPane } from "../../terminal/terminal-pane.ts";
import { SearchButton } from "../shell/search-button.tsx";

export function SearchBar(props: { pane: TerminalPane; onClose: () => void }): JSX.Element {
  const app = useApp();
  const { pane } = props;
  const [text, setText] = createSignal("");
  const [hits, setHits] = createSignal({ resultIndex: -1, resultCount: 0 });
  let input: HTMLInputElement | undefined;
  const results = pane.search.onDidChangeResults(setHits);
  const find = (direction: -1 | 1) => pane.find(text(), direction, false);
  const close = () => {
    props.onClose();
    pane.terminal.focus();
  };
  onMount(() => {
    const selected = pane.terminal.getSelection().split("\n", 1)[0] ?? "";
    if (input === undefined) return;
    input.value = selected;
    setText(selected);
    input.focus();
    input.select();
    if (selected !== "") pane.find(selected, 1, true);
  });
  onCleanup(() => {
    results.dispose();
    pane.search.clearDecorations();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.isComposing) find(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  };
  return (
    <search class="search-bar" data-testid="search-bar">
      <input
        ref={(made) => {
          input = made;
        }}
        aria-label="Find in this terminal"
        placeholder="Find"
        maxLength={1000}
        onInput={(event) => {
          setText(event.currentTarget.value);
          pane.find(text(), 1, true);
        }}
        onKeyDown={onKeyDown}
      />
      <span class="search-count" role="status">
        {countWords(text(), hits())}
      </span>
      <SearchButton label="Previous (Shift+Enter)" icon="arrow-up" run={() => find(-1)} />
      <SearchButton label="Next (Enter)" icon="arrow-down" run={() => find(1)} />
      <button
        type="button"
        class="link"
        title="Search in files (Ctrl+Shift+F again)"
        onClick={() => app.run("view.search")}
      >
        In files
      </button>
      <SearchButton label="Close (Esc)" icon="x" run={close} />
    </search>
  );
}

function countWords(text: string, hits: { resultIndex: number; resultCount: number }): string {
  if (text === "") return "";
  if (hits.resultCount === 0) return "No match";
  return hits.resultIndex < 0
    ? `${hits.resultCount} matches`
    : `${hits.resultIndex + 1} of ${hits.resultCount}`;
}
