/** Find here, in a file that is read by ranges: the guard looks through it, and the lines found are gone through. */
import { createSignal, type JSX, onMount } from "solid-js";
import { Icon } from "../shell/icon.tsx";
import { SearchButton } from "../shell/search-button.tsx";
import { createLineSearch, type LineSearchOptions } from "./line-search.ts";

/** `from` and `onFound` as the search has them. */
export interface LargeSearchProps extends LineSearchOptions {
  readonly onClose: () => void;
}

export function LargeSearch(props: LargeSearchProps): JSX.Element {
  const search = createLineSearch(props);
  const [pattern, setPattern] = createSignal("");
  const [isRegex, setRegex] = createSignal(false);
  let input: HTMLInputElement | undefined;
  const wish = () => ({ pattern: pattern(), isRegex: isRegex() });
  onMount(() => input?.focus());
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.isComposing) search.step(wish(), event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") props.onClose();
    else return;
    event.preventDefault();
  };
  return (
    <search class="search-bar" data-testid="large-search">
      <input
        ref={(made) => {
          input = made;
        }}
        aria-label="Find in this file"
        placeholder="Find"
        maxLength={1000}
        onInput={(event) => {
          setPattern(event.currentTarget.value);
          search.soon(wish());
        }}
        onKeyDown={onKeyDown}
      />
      <RegexButton
        isOn={isRegex()}
        onClick={() => {
          setRegex((now) => !now);
          search.soon(wish());
        }}
      />
      <span
        class="search-count"
        classList={{ "search-failed": search.isWrong() }}
        role="status"
        title={search.words()}
      >
        {search.words()}
      </span>
      <SearchButton
        label="Previous (Shift+Enter)"
        icon="arrow-up"
        run={() => search.step(wish(), -1)}
      />
      <SearchButton label="Next (Enter)" icon="arrow-down" run={() => search.step(wish(), 1)} />
      <SearchButton label="Close (Esc)" icon="x" run={() => props.onClose()} />
    </search>
  );
}

function RegexButton(props: { isOn: boolean; onClick: () => void }): JSX.Element {
  return (
    <button
      type="button"
      class="icon-only search-toggle"
      aria-label="Regular expression"
      title="Regular expression"
      aria-pressed={props.isOn}
      onClick={() => props.onClick()}
    >
      <Icon name="regex" size={16} />
    </button>
  );
}
