/** Where no tab is: how to get a terminal, and the shells that are kept without one. */
import { For, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { openFile } from "../../app/open-place.ts";
import { titleOf } from "../../state/badges.ts";
import { RECENT_SHOWN } from "../../state/editor-views.ts";
import { folderOf } from "../../state/paths.ts";
import { baseName, duration, shortPath } from "../../state/words.ts";

export function EmptyDock(): JSX.Element {
  const app = useApp();
  const home = () => app.boot.env["HOME"] ?? "";
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
      <p class="empty-files">Nothing open.</p>
      <button type="button" onClick={() => app.run("quick-open.show")}>
        Quick open <kbd>Ctrl+Shift+O</kbd>
      </button>
      <Show when={app.editors.recent().length > 0}>
        <ul class="empty-kept" data-testid="recent-files">
          <For each={app.editors.recent().slice(0, RECENT_SHOWN)}>
            {(path) => (
              <li>
                <button
                  type="button"
                  class="link"
                  title={path}
                  onClick={() => openFile(app, { path, line: 0, column: 0 })}
                >
                  {baseName(path)}
                </button>
                <span class="empty-folder">{shortPath(folderOf(path), home())}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </div>
  );
}
