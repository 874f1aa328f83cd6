/** A floating list that is filtered as the person types: commands, files, languages. */
import { createSignal, For, type JSX, onCleanup, onMount, Show } from "solid-js";
import { swallowRepeats } from "./held-key.ts";
import { listStep } from "./list-step.ts";
import { Overlay } from "./overlay.tsx";

export interface PickListProps<Item> {
  /** Begins the ids of list and rows, and the test ids: one such list is open at a time. */
  readonly name: string;
  /** What the list is called to a screen reader, and what is typed into its input. */
  readonly label: string;
  readonly inputLabel: string;
  readonly placeholder: string;
  /** What the input begins with. Default: nothing. */
  readonly text?: string | undefined;
  /** Longest text that can be typed, in UTF-16 units. */
  readonly maxLength: number;
  readonly items: readonly Item[];
  /** Shown in place of an empty list. */
  readonly empty: JSX.Element;
  /** What stands in a row. */
  readonly children: (item: Item) => JSX.Element;
  readonly rowClasses?: (item: Item) => Record<string, boolean | undefined>;
  /** The path a row stands for, for tests and tools. */
  readonly pathOf?: (item: Item) => string;
  readonly onText: (text: string) => void;
  /** The active row was chosen; `undefined` with Enter on an empty list. */
  readonly onPick: (item: Item | undefined) => void;
  /** Escape, or a click beside the list. The list does not close itself. */
  readonly onClose: () => void;
}

/** Keeps the keyboard while it is open and gives it back to what had it. */
export function PickList<Item>(props: PickListProps<Item>): JSX.Element {
  const [at, setAt] = createSignal(0);
  const before = document.activeElement;
  const hasItems = () => props.items.length > 0;
  let input: HTMLInputElement | undefined;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = listStep(event.key, props.items.length, at());
    if (step !== undefined) setAt(step);
    else if (event.key === "Enter" && !event.isComposing) props.onPick(props.items[at()]);
    else if (event.key === "Escape") props.onClose();
    else return;
    // The keyboard may be elsewhere by now: what is left of the key must not be typed there.
    event.preventDefault();
    event.stopPropagation();
    if (step === undefined) swallowRepeats(event);
  };
  onMount(() => input?.focus());
  onCleanup(() => {
    const holder = document.activeElement;
    const isOurs = holder === document.body || holder === input;
    if (isOurs && before instanceof HTMLElement) before.focus();
  });
  return (
    <Overlay onDismiss={props.onClose} label={props.label}>
      <input
        ref={(made) => {
          input = made;
        }}
        class="palette-input inset"
        role="combobox"
        aria-expanded={hasItems()}
        aria-controls={hasItems() ? `${props.name}-list` : undefined}
        aria-activedescendant={hasItems() ? `${props.name}-${at()}` : undefined}
        aria-label={props.inputLabel}
        placeholder={props.placeholder}
        value={props.text ?? ""}
        maxLength={props.maxLength}
        data-testid={`${props.name}-input`}
        onInput={(event) => {
          setAt(0);
          props.onText(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
      />
      <Show
        when={hasItems()}
        fallback={
          <p class="palette-none" data-testid={`${props.name}-empty`}>
            {props.empty}
          </p>
        }
      >
        <div
          id={`${props.name}-list`}
          class="palette-list"
          role="listbox"
          aria-label={props.inputLabel}
        >
          <For each={props.items}>
            {(item, index) => (
              <Row
                id={`${props.name}-${index()}`}
                isActive={index() === at()}
                classes={props.rowClasses?.(item)}
                path={props.pathOf?.(item)}
                onPick={() => props.onPick(item)}
              >
                {props.children(item)}
              </Row>
            )}
          </For>
        </div>
      </Show>
    </Overlay>
  );
}

/** A text with the signs that were found in bold. `hits` are places of signs, not of UTF-16 units. */
export function Marked(props: { text: string; hits: readonly number[] }): JSX.Element {
  return (
    <For each={[...props.text]}>
      {(sign, index) => (props.hits.includes(index()) ? <b>{sign}</b> : sign)}
    </For>
  );
}

function Row(props: {
  id: string;
  isActive: boolean;
  classes: Record<string, boolean | undefined> | undefined;
  path: string | undefined;
  onPick: () => void;
  children: JSX.Element;
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
      id={props.id}
      class="palette-row"
      classList={{ ...props.classes, "palette-active": keepInView(props.isActive) }}
      role="option"
      tabIndex={-1}
      aria-selected={props.isActive}
      data-path={props.path}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => props.onPick()}
    >
      {props.children}
    </div>
  );
}
