/** Where no tab is: how to get a terminal, and the shells that are kept without one. */
import { For, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { titleOf } from "../../state/badges.ts";
import { duration } from "../../state/words.ts";

export function EmptyDock(): JSX.Element {
  const app = useApp();
  const kept = () =>
    (app.sessions.all() ?? []).filter(
      ({ id, state }) => state === "running" && app.dock()?.panelOf(id) === undefined,
    );
  return (
    <div class="empty-dock" data-testid="empty-dock">
      <p>No terminal here.</p>
      <button type="button" onClick={() => app.run("terminal.new")}>
        New terminal <kbd>Ctrl+Shift+T</kbd>
      </button>
      <Show when={kept().length > 0}>
        <ul class="empty-kept">
          <For each={kept()}>
            {(session) => (
              <li>
                <button
                  type="button"
                  class="link"
                  onClick={() => app.dock()?.openTerminal("within", { session: session.id })}
                >
                  {titleOf(session)}, {duration(app.processes.nowMs() - session.createdMs)} old
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </div>
  );
}
