/** What may follow the leader key, as a list; the keys themselves are handled in app/key-dispatch.ts. */
import { For, type JSX } from "solid-js";
import { useApp } from "../../app/app.ts";
import { chordLabel } from "../../state/chord.ts";
import type { CommandId } from "../../state/commands.ts";
import { leaderRows } from "../../state/leader.ts";
import { Overlay } from "./overlay.tsx";

export function LeaderList(): JSX.Element {
  const app = useApp();
  const rows = leaderRows().filter(({ key }) => !/^[2-9]$/.test(key));
  return (
    <Overlay label="Run a command by letter" onDismiss={() => app.setOverlay("none")}>
      <p class="leader-head">Press a key - Esc: none</p>
      <ul class="leader-list" data-testid="leader-list">
        <For each={rows}>
          {({ key, command }) => (
            <li>
              <button
                type="button"
                class="leader-row"
                onClick={() => {
                  app.setOverlay("none");
                  app.run(command.id as CommandId);
                }}
              >
                <kbd>{key === "1" ? "1 to 9" : chordLabel(key)}</kbd>
                {key === "1" ? "Tab: 1 to 9" : command.title}
              </button>
            </li>
          )}
        </For>
      </ul>
    </Overlay>
  );
}
