/** The filter line: completion after each word, and a caret under the character of a mistake. */
import { createSignal, For, type JSX, Show } from "solid-js";
import type { Proposal } from "../../../bus/filter/index.ts";
import { useDebug } from "./context.ts";
import { createFilterCompletion, type FilterCompletion } from "./filter-completion.ts";
import { createFilterHistory } from "./filter-history.ts";

export function TrafficFilter(props: { onLeave: () => void }): JSX.Element {
  const { traffic } = useDebug();
  const history = createFilterHistory();
  const completion = createFilterCompletion(traffic, history.entries);
  const [scrolled, setScrolled] = createSignal(0);
  const keep = () => {
    completion.close();
    if (traffic.mistake() === null) history.add(traffic.filterText());
  };
  const leave = () => {
    keep();
    props.onLeave();
  };
  return (
    <div class="filter" classList={{ "has-mistake": traffic.mistake() !== null }}>
      <input
        id="traffic-filter"
        class="filter-input inset"
        ref={completion.attach}
        value={traffic.filterText()}
        placeholder="Filter: terminal, dst = hub, total > 50ms  ( / )"
        spellcheck={false}
        autocomplete="off"
        maxLength={2000}
        role="combobox"
        aria-label="Filter"
        aria-autocomplete="list"
        aria-expanded={completion.proposals().length > 0}
        aria-controls="filter-proposals"
        aria-activedescendant={
          completion.at() < 0 ? undefined : `filter-proposal-${completion.at()}`
        }
        aria-invalid={traffic.mistake() !== null}
        aria-describedby={traffic.mistake() === null ? undefined : "filter-mistake"}
        data-testid="traffic-filter"
        onFocus={() => {
          void history.load();
          void completion.learn();
        }}
        onBlur={keep}
        onInput={(event) => {
          void traffic.setFilterText(event.currentTarget.value);
          completion.propose();
        }}
        onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}
        onKeyDown={(event) => completion.onKeyDown(event, leave)}
      />
      <Show when={traffic.filterText() !== ""}>
        <button
          type="button"
          class="filter-clear"
          aria-label="Clear filter"
          title="Clear filter"
          data-testid="filter-clear"
          onClick={() => void traffic.setFilterText("")}
        >
          {"\u00d7"}
        </button>
      </Show>
      <Mistake scrolled={scrolled()} />
      <Proposals completion={completion} />
    </div>
  );
}

function Mistake(props: { scrolled: number }): JSX.Element {
  const { traffic } = useDebug();
  return (
    <Show when={traffic.mistake()}>
      {(mistake) => (
        <p class="filter-mistake" id="filter-mistake" role="alert" data-testid="filter-mistake">
          <span style={{ "margin-left": `calc(${mistake().at}ch - ${props.scrolled}px)` }}>^</span>{" "}
          <span class="filter-message">{mistake().message}</span>
        </p>
      )}
    </Show>
  );
}

function Proposals(props: { completion: FilterCompletion }): JSX.Element {
  const take = (event: PointerEvent, proposal: Proposal) => {
    event.preventDefault();
    props.completion.take(proposal);
  };
  return (
    <Show when={props.completion.proposals().length > 0}>
      <div
        class="filter-proposals"
        id="filter-proposals"
        role="listbox"
        tabindex="-1"
        aria-label="Proposals"
      >
        <For each={props.completion.proposals()}>
          {(proposal, index) => (
            <div
              role="option"
              id={`filter-proposal-${index()}`}
              class="filter-proposal"
              classList={{ "is-selected": index() === props.completion.at() }}
              aria-selected={index() === props.completion.at()}
              tabindex="-1"
              onPointerDown={(event) => take(event, proposal)}
            >
              <span>{proposal.text}</span>
              <small>{proposal.says}</small>
            </div>
          )}
        </For>
      </div>
    </Show>
  );
}
