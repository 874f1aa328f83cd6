/** One terminal tab: the screen, the strips around it, its states and its search bar. */
import "@xterm/xterm/css/xterm.css";
import { createEffect, createSignal, type JSX, on, onCleanup, onMount, Show } from "solid-js";
import { type App, useApp } from "../../app/app.ts";
import { openPrinted } from "../../app/open-place.ts";
import { counted } from "../../state/words.ts";
import { TerminalPane } from "../../terminal/terminal-pane.ts";
import type { PanelProps } from "../dock/solid-panel.ts";
import { Icon } from "../shell/icon.tsx";
import { ProcessBanner } from "../shell/process-banner.tsx";
import { SearchBar } from "./search-bar.tsx";
import { sessionOfPanel } from "./session-of-panel.ts";
import { EndedStrip, FailedStart, Held, NotSentStrip, Waiting } from "./strips.tsx";
import { type MenuWish, TerminalMenu } from "./terminal-menu.tsx";
import "./terminal-view.css";
import { wirePane } from "./wire-pane.ts";

export function TerminalView(props: PanelProps): JSX.Element {
  const app = useApp();
  const pane = makePane(app);
  const { api } = props;
  const link = sessionOfPanel({ app, pane, panel: api.id, params: props.params });
  const [isSearching, setSearching] = createSignal(false);
  const [menu, setMenu] = createSignal<MenuWish | undefined>(undefined);
  let screen: HTMLDivElement | undefined;
  const find = () => (isSearching() ? app.run("view.search") : setSearching(true));
  onMount(() => {
    if (screen === undefined) return;
    pane.mount(screen);
    const again = () => link.again();
    wirePane({ app, pane, api, screen, onFind: find, onMenu: setMenu, onEnterAfterEnd: again });
    link.start();
  });
  createEffect(on(app.theme, (theme) => pane.setTheme(theme), { defer: true }));
  createEffect(on(app.settings.values, (settings) => pane.setSettings(settings), { defer: true }));
  onCleanup(() => pane.dispose());
  return (
    <section
      class="terminal-view"
      aria-label="Terminal"
      data-testid={`terminal-${props.params().session ?? "starting"}`}
    >
      <ProcessBanner process="terminal" />
      <Show when={isSearching()}>
        <SearchBar pane={pane} onClose={() => setSearching(false)} />
      </Show>
      <div class="terminal-body">
        <div
          class="terminal-screen"
          ref={(made) => {
            screen = made;
          }}
        />
        <NewLines pane={pane} />
        <Held pane={pane} />
        <Waiting pane={pane} link={link} />
      </div>
      <FailedStart link={link} />
      <NotSentStrip pane={pane} />
      <EndedStrip pane={pane} link={link} onClose={() => app.dock()?.closeTab(api.id)} />
      <TerminalMenu app={app} pane={pane} wish={menu()} onClose={() => setMenu(undefined)} />
    </section>
  );
}

function NewLines(props: { pane: TerminalPane }): JSX.Element {
  return (
    <Show when={props.pane.newLines() > 0}>
      <button
        type="button"
        class="terminal-pill"
        data-testid="new-lines"
        onClick={() => {
          props.pane.terminal.scrollToBottom();
          props.pane.terminal.focus();
        }}
      >
        <Icon name="arrow-down" size={12} />
        {counted(props.pane.newLines(), "new line")}
      </button>
    </Show>
  );
}

function makePane(app: App): TerminalPane {
  return new TerminalPane({
    connection: app.connection,
    settings: app.settings.values(),
    theme: app.theme(),
    openPath: (link) => void openPrinted(app, link),
    openUrl: (url) => app.host.openUrl(url),
    onInputFull: () =>
      app.toasts.show({
        tag: "input full",
        level: "warn",
        title: "The terminal does not take more input now.",
        text: "64 KB wait for the program to read them; what came after was not kept.",
      }),
  });
}
