/** The whole page: rail, side bar, docked groups, bottom group, status bar, and what floats over them. */
import { createEffect, createSignal, type JSX, Match, Show, Switch } from "solid-js";
import { useApp } from "../../app/app.ts";
import { linkBanner } from "../../state/banners.ts";
import { DenialLayer } from "../denial/denial-layer.tsx";
import { DockView } from "../dock/dock.tsx";
import { LeaderList } from "../palette/leader-list.tsx";
import { Palette } from "../palette/palette.tsx";
import { QuickOpen } from "../quick-open/quick-open.tsx";
import { SideBar } from "../side/side-bar.tsx";
import "./app-shell.css";
import { Banner } from "./banner.tsx";
import { BottomGroup } from "./bottom-group.tsx";
import { DialogLayer } from "./dialog.tsx";
import { Rail } from "./rail.tsx";
import { StatusBar } from "./status-bar.tsx";
import { ToastStack } from "./toast-stack.tsx";
import { ViewBoundary } from "./view-boundary.tsx";

export function AppShell(): JSX.Element {
  const app = useApp();
  const [isBottomMaximised, setBottomMaximised] = createSignal(false);
  const isBottomOpen = () => app.layout.layout().bottom.open;
  createEffect(() => {
    if (!isBottomOpen()) setBottomMaximised(false);
  });
  return (
    <div class="app">
      <LinkBanner />
      <div class="app-middle">
        <Rail />
        <SideBar />
        <main
          ref={(element) => {
            // Below 960 the side bar lies over what has the focus.
            for (const use of ["pointerdown", "focusin"]) {
              element.addEventListener(use, app.layout.closeOverlay);
            }
          }}
          class="app-main"
          classList={{ "app-main-hidden": isBottomMaximised() && isBottomOpen() }}
        >
          <h1 class="sr-only">Bulkhead</h1>
          <ViewBoundary name="Groups">
            <DockView />
          </ViewBoundary>
          <Show when={isBottomOpen()}>
            <BottomGroup
              isMaximised={isBottomMaximised()}
              onToggleMaximise={() => setBottomMaximised(!isBottomMaximised())}
              onClose={() => {
                app.layout.setBottom({ open: false });
                app.dock()?.focusActive();
              }}
            />
          </Show>
        </main>
      </div>
      <StatusBar />
      <ToastStack />
      <Switch>
        <Match when={app.overlay() === "palette"}>
          <Palette />
        </Match>
        <Match when={app.overlay() === "quick-open"}>
          <QuickOpen />
        </Match>
        <Match when={app.overlay() === "go-to-line"}>
          <QuickOpen text=":" />
        </Match>
        <Match when={app.overlay() === "leader"}>
          <LeaderList />
        </Match>
      </Switch>
      <DialogLayer />
      <DenialLayer />
    </div>
  );
}

/** Across the window while the hub is away. */
function LinkBanner(): JSX.Element {
  const app = useApp();
  const { connection, processes } = app;
  const banner = () =>
    linkBanner(
      {
        state: connection.state(),
        sinceMs: connection.since(),
        attempts: connection.attempts(),
        nextAttemptAtMs: connection.nextAttemptAt(),
      },
      processes.nowMs(),
    );
  return (
    <Show when={banner()}>
      {(facts) => (
        <Banner
          banner={facts()}
          testid="banner-link"
          acts={
            facts().acts.includes("try-now")
              ? [
                  { label: "Try now", run: () => connection.tryNow() },
                  { label: "Details", run: () => app.layout.setBottom({ open: true }) },
                ]
              : []
          }
        />
      )}
    </Show>
  );
}
