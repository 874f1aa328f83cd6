/** The docked groups: terminals and settings in tabs and splits, restored from the stored layout. */
import { createDockview, type DockviewApi } from "dockview-core";
import {
  createRoot,
  getOwner,
  type JSX,
  lazy,
  type Owner,
  onCleanup,
  onMount,
  Suspense,
} from "solid-js";
import { createComponent, insert } from "solid-js/web";
import "virtual:dockview.css";
import { useApp } from "../../app/app.ts";
import { closeTab } from "../../app/close-tab.ts";
import { SettingsView } from "../settings/settings-view.tsx";
import { ViewBoundary } from "../shell/view-boundary.tsx";
import { TerminalView } from "../terminal/terminal-view.tsx";
import "./dock.css";
import { DockControl } from "./dock-control.ts";
import { EmptyDock } from "./empty-dock.tsx";
import { evenOutOnDoubleClick } from "./even-out.ts";
import { restoreDock } from "./restore.ts";
import { type PanelComponent, type PanelProps, SolidPanel } from "./solid-panel.ts";
import { Tab } from "./tab.tsx";

export function DockView(): JSX.Element {
  const app = useApp();
  const owner = getOwner();
  let element: HTMLDivElement | undefined;
  onMount(() => {
    if (element === undefined) return;
    const api = makeDock(element, owner);
    const control = new DockControl({
      api,
      onClose: (panel) => closeTab(app, panel),
    });
    app.setDock(control);
    evenOutOnDoubleClick(api, element);
    void restoreDock(app, api, control).then(() => {
      api.onDidLayoutChange(() => app.layout.setDock(api.toJSON()));
    });
    onCleanup(() => api.dispose());
  });
  return (
    <div
      class="dock"
      data-testid="dock"
      ref={(made) => {
        element = made;
      }}
    />
  );
}

function makeDock(element: HTMLElement, owner: Owner | null): DockviewApi {
  return createDockview(element, {
    theme: { name: "bulkhead", className: "dockview-theme-bulkhead", gap: 0 },
    dndStrategy: "pointer",
    disableFloatingGroups: true,
    scrollbars: "native",
    createComponent: ({ name }) => {
      return new SolidPanel(PANELS[name] ?? TerminalPanel, "dock-panel", owner);
    },
    createTabComponent: () => new SolidPanel(Tab, "dock-tab", owner),
    createWatermarkComponent: () => new Watermark(owner),
  });
}

/** A chunk of its own: the first frame needs no editor. */
const EditorView = lazy(async () => ({
  default: (await import("../editor/editor-view.tsx")).EditorView,
}));

function EditorPanel(props: PanelProps): JSX.Element {
  return createComponent(ViewBoundary, {
    name: "Editor",
    get children() {
      return createComponent(Suspense, {
        get children() {
          return createComponent(EditorView, props);
        },
      });
    },
  });
}

const CompareView = lazy(async () => ({
  default: (await import("../editor/compare-view.tsx")).CompareView,
}));

function ComparePanel(props: PanelProps): JSX.Element {
  return createComponent(ViewBoundary, {
    name: "Changes",
    get children() {
      return createComponent(Suspense, {
        get children() {
          return createComponent(CompareView, props);
        },
      });
    },
  });
}

const DiffView = lazy(async () => ({
  default: (await import("../diff/diff-view.tsx")).DiffView,
}));

function DiffPanel(props: PanelProps): JSX.Element {
  return createComponent(ViewBoundary, {
    name: "Changes",
    get children() {
      return createComponent(Suspense, {
        get children() {
          return createComponent(DiffView, props);
        },
      });
    },
  });
}

function SettingsPanel(): JSX.Element {
  return createComponent(ViewBoundary, {
    name: "Settings",
    get children() {
      return createComponent(SettingsView, {});
    },
  });
}

function TerminalPanel(props: PanelProps): JSX.Element {
  return createComponent(ViewBoundary, {
    name: "Terminal",
    get children() {
      return createComponent(TerminalView, props);
    },
  });
}

const PANELS: Readonly<Record<string, PanelComponent>> = {
  settings: SettingsPanel,
  terminal: TerminalPanel,
  editor: EditorPanel,
  compare: ComparePanel,
  diff: DiffPanel,
};

/** What is seen where no tab is. */
class Watermark {
  readonly element = document.createElement("div");
  readonly #owner: Owner | null;
  #dispose: () => void = () => undefined;

  constructor(owner: Owner | null) {
    this.#owner = owner;
    this.element.className = "dock-panel";
  }

  init(): void {
    this.#dispose = createRoot((dispose) => {
      insert(this.element, createComponent(EmptyDock, {}));
      return dispose;
    }, this.#owner);
  }

  dispose(): void {
    this.#dispose();
  }
}
