/** Everything the views share, made once per page. */
import { type Accessor, createContext, createMemo, createSignal, useContext } from "solid-js";
import type { Boot } from "../boot.ts";
import type { Connection } from "../bus.ts";
import type { Host } from "../host.ts";
import type { CommandId } from "../state/commands.ts";
import { type Theme, themeOf } from "../state/settings.ts";
import { type ChangesStore, createChangesStore } from "./changes-store.ts";
import { createDenialStore, type DenialStore } from "./denial-store.ts";
import { createDialogStore, type DialogStore } from "./dialog-store.ts";
import type { Dock } from "./dock.ts";
import { createEarlyInput, type EarlyInput } from "./early-input.ts";
import { createEditorStore, type EditorStore } from "./editor-store.ts";
import { createFileIndex, type FileIndex } from "./file-index.ts";
import { createFileStore, type FileStore } from "./file-store.ts";
import { createLayoutStore, type LayoutStore } from "./layout-store.ts";
import { openFile } from "./open-place.ts";
import { createProcessStore, type ProcessStore } from "./process-store.ts";
import { createSessionStore, type SessionStore } from "./session-store.ts";
import { createSettingsStore, type SettingsStore } from "./settings-store.ts";
import { createToastStore, type ToastStore } from "./toast-store.ts";

/** What is laid over the page; `go-to-line` is Quick open with the colon typed. */
export type Overlay = "none" | "palette" | "leader" | "quick-open" | "go-to-line";

export interface App {
  readonly boot: Boot;
  readonly connection: Connection;
  readonly host: Host;
  readonly settings: SettingsStore;
  readonly sessions: SessionStore;
  readonly processes: ProcessStore;
  readonly files: FileStore;
  readonly fileIndex: FileIndex;
  readonly editors: EditorStore;
  readonly changes: ChangesStore;
  readonly denials: DenialStore;
  readonly toasts: ToastStore;
  readonly dialog: DialogStore;
  readonly layout: LayoutStore;
  readonly theme: Accessor<Theme>;
  setDesktopScheme(scheme: "dark" | "light"): void;
  readonly overlay: Accessor<Overlay>;
  setOverlay(overlay: Overlay): void;
  /** Whether the window is in front. */
  readonly isFront: Accessor<boolean>;
  setFront(isFront: boolean): void;
  /** What is done before the tabs stand. */
  readonly early: EarlyInput;
  /** Undefined until the dock is mounted. */
  readonly dock: Accessor<Dock | undefined>;
  setDock(dock: Dock): void;
  /** Crash report the debug panel should open; set by "Details". */
  readonly wantedCrash: Accessor<string | undefined>;
  setWantedCrash(id: string | undefined): void;
  /** Text the search in files should begin with; set by whoever opens it, taken by the view. */
  readonly wantedSearch: Accessor<string | undefined>;
  setWantedSearch(text: string | undefined): void;
  /** Runs a command of state/commands.ts. Set once the commands are made. */
  run: (command: CommandId) => void;
}

const AppContext = createContext<App>();
export const AppProvider = AppContext.Provider;

/** @throws Error outside of an AppProvider. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error("useApp needs an AppProvider above it");
  return app;
}

/** Lives in the calling reactive scope. */
export function createApp(boot: Boot, connection: Connection, host: Host): App {
  const toasts = createToastStore();
  const settings = createSettingsStore(connection, toasts, (path, line) =>
    openFile(app, { path, line, column: 0 }),
  );
  const [scheme, setDesktopScheme] = createSignal(boot.scheme ?? "dark");
  const [overlay, setOverlay] = createSignal<Overlay>("none");
  const [isFront, setFront] = createSignal(true);
  const [dock, setDock] = createSignal<Dock | undefined>(undefined);
  const [wantedCrash, setWantedCrash] = createSignal<string | undefined>(undefined);
  const [wantedSearch, setWantedSearch] = createSignal<string | undefined>(undefined);
  const sessions = createSessionStore(connection, boot.env);
  const files = createFileStore(connection, toasts);
  const changes = createChangesStore({ connection, sessions, isFront, tree: files.tree });
  const readAgain = (): void => {
    files.refreshAll();
    changes.hint();
  };
  const app: App = {
    boot,
    connection,
    host,
    settings,
    sessions,
    processes: createProcessStore(connection, toasts),
    files,
    fileIndex: createFileIndex(connection),
    editors: createEditorStore(connection),
    changes,
    denials: createDenialStore(connection, toasts, readAgain),
    toasts,
    dialog: createDialogStore(),
    layout: createLayoutStore(connection),
    theme: createMemo(() => themeOf(settings.values().theme, scheme())),
    setDesktopScheme,
    overlay,
    setOverlay,
    isFront,
    setFront,
    early: createEarlyInput(),
    dock,
    setDock,
    wantedCrash,
    setWantedCrash,
    wantedSearch,
    setWantedSearch,
    run: () => undefined,
  };
  return app;
}
