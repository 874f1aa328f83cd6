/** The command palette: every command with its key, filtered as the person types. */
import { createMemo, createSignal, For, type JSX, onCleanup, onMount, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { chordLabel } from "../../state/chord.ts";
import { allCommands, type Command, type CommandId } from "../../state/commands.ts";
import { fuzzyFilter } from "../../state/fuzzy.ts";
import { keyOf } from "../../state/keymap.ts";
import { listStep } from "./list-step.ts";
import "./palette.css";

export function Palette(): JSX.Element {
  const app = useApp();
  const [query, setQuery] = createSignal("");
  const [at, setAt] = createSignal(0);
  const found = createMemo(() => fuzzyFilter(query(), allCommands(), ({ title }) => title));
  const before = document.activeElement;
  let input: HTMLInputElement | undefined;
  const close = () => app.setOverlay("none");
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    close();
    if (before instanceof HTMLElement) before.focus();
    app.run(command.id as CommandId);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = listStep(event.key, found().length, at());
    if (step !== undefined) {
      event.preventDefault();
      setAt(step);
    } else if (event.key === "Enter" && !event.isComposing) run(found()[at()]?.item);
    else if (event.key === "Escape") close();
    else return;
    event.stopPropagation();
  };
  onMount(() => input?.focus());
  onCleanup(() => {
    if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
  });
  return (
    <Overlay onDismiss={close} label="All commands">
      <input
        ref={(made) => {
          input = made;
        }}
        class="palette-input inset"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`palette-${at()}`}
        aria-label="Command"
        placeholder="Type a command"
        maxLength={100}
        data-testid="palette-input"
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="palette-list" class="palette-list" role="listbox" aria-label="Commands">
        <For each={found()} fallback={<p class="palette-none">No command matches.</p>}>
          {(entry, index) => (
            <PaletteRow
              command={entry.item}
              hits={entry.at}
              index={index()}
              isActive={index() === at()}
              onPick={() => run(entry.item)}
            />
          )}
        </For>
      </div>
    </Overlay>
  );
}

/** A floating list over the page; a click outside dismisses it. */
export function Overlay(props: {
  label: string;
  onDismiss: () => void;
  children: JSX.Element;
}): JSX.Element {
  return (
    <div
      class="overlay"
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) props.onDismiss();
      }}
    >
      <div class="palette" role="dialog" aria-label={props.label} data-testid="overlay">
        {props.children}
      </div>
    </div>
  );
}

function PaletteRow(props: {
  command: Command;
  hits: readonly number[];
  index: number;
  isActive: boolean;
  onPick: () => void;
}): JSX.Element {
  const app = useApp();
  const key = () => keyOf(app.settings.keymap(), props.command.id);
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
      id={`palette-${props.index}`}
      class="palette-row"
      classList={{
        "palette-active": keepInView(props.isActive),
        "palette-unbuilt": props.command.unbuilt !== undefined,
      }}
      role="option"
      tabIndex={-1}
      aria-selected={props.isActive}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => props.onPick()}
    >
      <span class="palette-title">
        <For each={[...props.command.title]}>
          {(sign, index) => (props.hits.includes(index()) ? <b>{sign}</b> : sign)}
        </For>
      </span>
      <Show when={props.command.unbuilt}>
        <span class="palette-note">not built yet</span>
      </Show>
      <Show when={key()}>{(text) => <kbd>{chordLabel(text())}</kbd>}</Show>
    </div>
  );
}
