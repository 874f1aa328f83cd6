/** The command palette: every command with its key, filtered as the person types. */
import { createMemo, createSignal, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { chordLabel } from "../../state/chord.ts";
import { allCommands, type Command, type CommandId } from "../../state/commands.ts";
import { fuzzyFilter } from "../../state/fuzzy.ts";
import { keyOf } from "../../state/keymap.ts";
import { Marked, PickList } from "./pick-list.tsx";

export function Palette(): JSX.Element {
  const app = useApp();
  const [query, setQuery] = createSignal("");
  const found = createMemo(() => fuzzyFilter(query(), allCommands(), ({ title }) => title));
  const before = document.activeElement;
  const close = () => app.setOverlay("none");
  const run = (command: Command) => {
    close();
    // The command is about what had the keyboard before the palette.
    if (before instanceof HTMLElement) before.focus();
    app.run(command.id as CommandId);
  };
  return (
    <PickList
      name="palette"
      label="All commands"
      inputLabel="Command"
      placeholder="Type a command"
      maxLength={100}
      items={found()}
      empty="No command matches."
      rowClasses={({ item }) => ({ "palette-unbuilt": item.unbuilt !== undefined })}
      onText={setQuery}
      onPick={(found) => found !== undefined && run(found.item)}
      onClose={close}
    >
      {({ item, at }) => <CommandWords command={item} hits={at} />}
    </PickList>
  );
}

function CommandWords(props: { command: Command; hits: readonly number[] }): JSX.Element {
  const app = useApp();
  const key = () => keyOf(app.settings.keymap(), props.command.id);
  return (
    <>
      <span class="palette-title">
        <Marked text={props.command.title} hits={props.hits} />
      </span>
      <Show when={props.command.unbuilt}>
        <span class="palette-note">not built yet</span>
      </Show>
      <Show when={key()}>{(text) => <kbd>{chordLabel(text())}</kbd>}</Show>
    </>
  );
}
