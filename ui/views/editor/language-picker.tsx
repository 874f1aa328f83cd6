/** The languages there are: one is chosen for this view. */
import { createMemo, createSignal, For, type JSX, onCleanup, onMount } from "solid-js";
import { Portal } from "solid-js/web";
import { languageNames } from "../../editor/languages.ts";
import { fuzzyFilter } from "../../state/fuzzy.ts";
import { listStep } from "../palette/list-step.ts";
import { Overlay } from "../palette/palette.tsx";

export function LanguagePicker(props: {
  current: string;
  onPick: (name: string) => void;
  onClose: () => void;
}): JSX.Element {
  const [query, setQuery] = createSignal("");
  const [at, setAt] = createSignal(0);
  const found = createMemo(() => fuzzyFilter(query(), languageNames(), (name) => name));
  const before = document.activeElement;
  let input: HTMLInputElement | undefined;
  const pick = (name: string | undefined) => {
    if (name !== undefined) props.onPick(name);
    props.onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = listStep(event.key, found().length, at());
    if (step !== undefined) setAt(step);
    else if (event.key === "Enter" && !event.isComposing) pick(found()[at()]?.item);
    else if (event.key === "Escape") props.onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  onMount(() => input?.focus());
  onCleanup(() => before instanceof HTMLElement && before.focus());
  return (
    <Portal>
      <Overlay onDismiss={props.onClose} label="Languages">
        <input
          ref={(made) => {
            input = made;
          }}
          class="palette-input inset"
          role="combobox"
          aria-expanded="true"
          aria-controls="language-list"
          aria-activedescendant={`language-${at()}`}
          aria-label="Language"
          placeholder={`Language, now ${props.current}`}
          maxLength={60}
          data-testid="language-input"
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div id="language-list" class="palette-list" role="listbox" aria-label="Languages">
          <For each={found()} fallback={<p class="palette-none">No language matches.</p>}>
            {(entry, index) => (
              <Row
                name={entry.item}
                index={index()}
                isActive={index() === at()}
                onPick={() => pick(entry.item)}
              />
            )}
          </For>
        </div>
      </Overlay>
    </Portal>
  );
}

function Row(props: {
  name: string;
  index: number;
  isActive: boolean;
  onPick: () => void;
}): JSX.Element {
  let row: HTMLDivElement | undefined;
  const keepInView = (isActive: boolean) => {
    if (isActive) row?.scrollIntoView({ block: "nearest" });
    return isActive;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the focus stays in the input, whose keys pick the active row.
    <div
      ref={(made) => {
        row = made;
      }}
      id={`language-${props.index}`}
      class="palette-row"
      classList={{ "palette-active": keepInView(props.isActive) }}
      role="option"
      tabIndex={-1}
      aria-selected={props.isActive}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => props.onPick()}
    >
      <span class="palette-title">{props.name}</span>
    </div>
  );
}
