/** Entry of the page: theme first, then the connection, then the shell. */

import { sprite } from "virtual:icons";
import { createEffect, createRenderEffect, type JSX } from "solid-js";
import { render } from "solid-js/web";
import "./theme.css";
import "./base.css";
import { info } from "../bus/contracts/hub.ts";
import { type App, AppProvider, createApp } from "./app/app.ts";
import { requestClose } from "./app/close-window.ts";
import { commandRunner } from "./app/commands.ts";
import { dispatchKeys } from "./app/key-dispatch.ts";
import { feedNotices } from "./app/notice-feed.ts";
import { type Boot, readBoot } from "./boot.ts";
import { ConnectionProvider, createConnection } from "./bus.ts";
import { dialler } from "./dial.ts";
import { createHost, type Host } from "./host.ts";
import { baseName } from "./state/words.ts";
import { startDrill } from "./terminal/drill-tap.ts";
import { AppShell } from "./views/shell/app-shell.tsx";

/** The terminal face is waited for this long, so that the first fit measures it, milliseconds. */
const FONT_MS_MAX = 1_000;

const root = document.getElementById("app");
if (root !== null) void start(root);

async function start(element: HTMLElement): Promise<void> {
  const boot = readBoot(document);
  const desktop =
    boot.scheme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  document.documentElement.dataset["theme"] = desktop;
  insertSprite();
  if (boot.drill) startDrill();
  const host = createHost(boot);
  const connection = createConnection({ dial: dialler(boot) });
  await Promise.race([loadFaces(), new Promise((resolve) => setTimeout(resolve, FONT_MS_MAX))]);
  render(
    () => <Page boot={{ ...boot, scheme: desktop }} connection={connection} host={host} />,
    element,
  );
  // A hidden window draws no frame, so the first one can only come after the window has been shown.
  host.painted(getComputedStyle(document.body).backgroundColor);
}

function Page(props: {
  boot: Boot;
  connection: ReturnType<typeof createConnection>;
  host: Host;
}): JSX.Element {
  const app = createApp(props.boot, props.connection, props.host);
  app.run = commandRunner(app);
  dispatchKeys(app);
  feedNotices(app);
  followHost(app);
  nameWindow(app);
  // Before every effect that reads colours from the sheet.
  createRenderEffect(() => {
    document.documentElement.dataset["theme"] = app.theme();
    document.documentElement.dataset["motion"] = app.settings.values().reducedMotion
      ? "none"
      : "full";
  });
  return (
    <ConnectionProvider value={props.connection}>
      <AppProvider value={app}>
        <AppShell />
      </AppProvider>
    </ConnectionProvider>
  );
}

/** "orbit - Bulkhead", as soon as the hub says which folder this is. */
function nameWindow(app: App): void {
  createEffect(() => {
    if (app.connection.state() !== "live") return;
    app.connection.request(info, {}).then(
      ({ workspace }) => app.host.setTitle(`${baseName(workspace)} - Bulkhead`),
      () => undefined,
    );
  });
}

function followHost(app: App): void {
  app.host.onEvent((event) => {
    switch (event.type) {
      case "close-requested":
        return void requestClose(app);
      case "scheme":
        return app.setDesktopScheme(event.value);
      case "focus":
        return app.setFront(event.focused);
    }
  });
}

function insertSprite(): void {
  const holder = document.createElement("div");
  holder.hidden = true;
  holder.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg">${sprite}</svg>`;
  document.body.append(holder);
}

async function loadFaces(): Promise<void> {
  await Promise.all([
    document.fonts.load('13px "JetBrains Mono"'),
    document.fonts.load('700 13px "JetBrains Mono"'),
  ]);
}
