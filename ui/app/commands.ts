/** What each command of state/commands.ts does. */
import type { ProcessRow } from "../../bus/contracts/hub.ts";
import type { Session } from "../../bus/contracts/terminal.ts";
import { allCommands, type CommandId } from "../state/commands.ts";
import type { SideView } from "../state/layout.ts";
import { DEFAULT_SETTINGS, FONT_SIZE_MAX, FONT_SIZE_MIN } from "../state/settings.ts";
import type { App } from "./app.ts";
import { reopenTab } from "./close-tab.ts";
import { requestClose } from "./close-window.ts";
import type { EditorAct, Placement, TerminalHandle } from "./dock.ts";
import { openFile } from "./open-place.ts";
import { focusTowards, stepPane, togglePanel } from "./panes.ts";
import { renameTerminal } from "./rename-terminal.ts";

type Acts = Readonly<Partial<Record<CommandId, () => void>>>;

/** What only lies over the page, or leaves it: nothing of it waits for the tabs. */
const AT_ONCE: ReadonlySet<CommandId> = new Set([
  "palette.show",
  "leader.show",
  "quick-open.show",
  "window.new",
  "window.close",
  "page.reload",
] as const);

/** The runner of a page; an unbuilt command says so. Before the tabs stand most commands wait for them. */
export function commandRunner(app: App): (command: CommandId) => void {
  const acts: Acts = {
    ...windowActs(app),
    ...tabActs(app),
    ...terminalActs(app),
    ...editorActs(app),
    ...viewActs(app),
  };
  return (id) => {
    const act = acts[id];
    if (act !== undefined) return AT_ONCE.has(id) ? act() : app.early.act(act);
    const command = allCommands().find((known) => known.id === id);
    const title = command?.unbuilt ?? `${command?.title ?? id} is not built yet.`;
    app.toasts.show({ tag: `unbuilt ${id}`, level: "info", title, text: "" });
  };
}

function windowActs(app: App): Acts {
  const zoom = (change: number): void => {
    const size = app.settings.values().fontSize + change;
    app.settings.put("fontSize", Math.min(FONT_SIZE_MAX, Math.max(FONT_SIZE_MIN, size)));
  };
  return {
    "palette.show": () => app.setOverlay("palette"),
    "leader.show": () => app.setOverlay("leader"),
    "quick-open.show": () => app.setOverlay("quick-open"),
    "settings.show": () => app.dock()?.openSettings(),
    "zoom.in": () => zoom(1),
    "zoom.out": () => zoom(-1),
    "zoom.reset": () => app.settings.put("fontSize", DEFAULT_SETTINGS.fontSize),
    "window.new": () => app.host.newWindow(),
    "window.close": () => void requestClose(app),
    "page.reload": () => app.host.reload(),
    "attention.next": () => goToAttention(app),
  };
}

function tabActs(app: App): Acts {
  const dock = () => app.dock();
  const nth = (n: number) => () => dock()?.focusNth(n);
  return {
    "tab.close": () => dock()?.closeTab(),
    "tab.reopen": () => reopenTab(app),
    "tab.recent": () => dock()?.stepRecent(1),
    "tab.recent-back": () => dock()?.stepRecent(-1),
    "tab.1": nth(1),
    "tab.2": nth(2),
    "tab.3": nth(3),
    "tab.4": nth(4),
    "tab.5": nth(5),
    "tab.6": nth(6),
    "tab.7": nth(7),
    "tab.8": nth(8),
    "tab.9": nth(9),
    "tab.move-left": () => dock()?.moveTab("left"),
    "tab.move-right": () => dock()?.moveTab("right"),
    "tab.move-up": () => dock()?.moveTab("up"),
    "tab.move-down": () => dock()?.moveTab("down"),
    "tab.rename": () => void renameTerminal(app),
    "pane.next": () => stepPane(app, 1),
    "pane.previous": () => stepPane(app, -1),
    "pane.left": () => focusTowards(app, "left"),
    "pane.right": () => focusTowards(app, "right"),
    "pane.up": () => focusTowards(app, "up"),
    "pane.down": () => focusTowards(app, "down"),
    "pane.maximise": () => dock()?.toggleMaximised(),
  };
}

function terminalActs(app: App): Acts {
  const withTerminal = (act: (handle: TerminalHandle) => void) => () => {
    const handle = app.dock()?.activeHandle();
    if (handle !== undefined) act(handle);
  };
  return {
    "terminal.new": () => app.dock()?.openTerminal("within"),
    "terminal.split-right": () => splitTab(app, "right"),
    "terminal.split-down": () => splitTab(app, "down"),
    "terminal.last": () => app.dock()?.focusLastTerminal(),
    "terminal.copy": withTerminal((handle) => handle.copy()),
    "terminal.paste": withTerminal((handle) => handle.paste()),
    "terminal.clear": withTerminal((handle) => handle.clear()),
    "terminal.page-up": withTerminal((handle) => handle.page(-1)),
    "terminal.page-down": withTerminal((handle) => handle.page(1)),
    "terminal.previous-prompt": withTerminal((handle) => handle.prompt(-1)),
    "terminal.next-prompt": withTerminal((handle) => handle.prompt(1)),
    "terminal.open-selection": withTerminal((handle) => handle.openSelection()),
    "terminal.menu": withTerminal((handle) => handle.menu()),
    "terminal.select-all": withTerminal((handle) => handle.selectAll()),
    "find.show": () => {
      const editor = app.dock()?.activeEditor();
      if (editor === undefined) app.dock()?.activeHandle()?.find();
      else editor.run("find");
    },
  };
}

function editorActs(app: App): Acts {
  const withEditor = (act: EditorAct) => () => app.dock()?.activeEditor()?.run(act);
  return {
    "editor.save": withEditor("save"),
    "editor.save-all": () => void saveAll(app),
    "editor.discard": withEditor("discard"),
    "editor.compare": withEditor("compare"),
    "editor.compare-with": withEditor("compare-with"),
    "editor.go-to-line": withEditor("go-to-line"),
    "editor.comment": withEditor("comment"),
    "editor.next-occurrence": withEditor("next-occurrence"),
    "editor.next-change": withEditor("next-change"),
    "editor.previous-change": withEditor("previous-change"),
    "editor.fold-all": withEditor("fold-all"),
    "editor.unfold-all": withEditor("unfold-all"),
    "editor.wrap": withEditor("wrap"),
    "editor.choose-language": withEditor("choose-language"),
    "editor.choose-indentation": withEditor("choose-indentation"),
  };
}

/** Every file of this page with edits; the chunk is there when one is open. */
async function saveAll(app: App): Promise<void> {
  const [{ openDocuments }, { saveDocument }] = await Promise.all([
    import("./document-store.ts"),
    import("./save-document.ts"),
  ]);
  for (const document of openDocuments(app)) {
    if (document.isDirty()) await saveDocument(app, document);
  }
}

/** A further view of the file in front, or a new terminal. */
function splitTab(app: App, placement: Placement): void {
  const editor = app.dock()?.activeEditor();
  if (editor === undefined) return app.dock()?.openTerminal(placement);
  const looksAt = editor.viewState();
  const panel = app.dock()?.openEditor({ path: editor.path, line: 0, column: 0 }, placement);
  if (panel !== undefined && looksAt !== undefined) app.editors.keepView(panel, looksAt);
}

function viewActs(app: App): Acts {
  const toggle = (view: SideView) => () => app.layout.toggleSide(view);
  return {
    "view.explorer": toggle("explorer"),
    "view.search": toggle("search"),
    "view.changes": toggle("changes"),
    "view.agent": toggle("agent"),
    "view.mcp": toggle("mcp"),
    "view.notifications": toggle("notifications"),
    "view.debug": () => togglePanel(app),
    "view.sidebar": () => app.layout.toggleSideBar(),
  };
}

/** The next thing that needs the person: a bell or notice, a conflict or proposal, a stopped process. */
function goToAttention(app: App): void {
  const needy = app.editors.needy()[0];
  const calling = (app.sessions.all() ?? []).find(calls);
  const panel = calling === undefined ? undefined : app.dock()?.panelOf(calling.id);
  if (panel !== undefined) return app.dock()?.focusTab(panel);
  if (needy !== undefined) return openFile(app, { path: needy.path, line: 0, column: 0 });
  if (app.processes.rows().some(isStopped)) return app.layout.setBottom({ open: true });
  app.toasts.show({ tag: "attention", level: "info", title: "Nothing needs you now.", text: "" });
}

function calls({ attention }: Session): boolean {
  return attention.bells > 0 || attention.notice !== null;
}

function isStopped({ state }: ProcessRow): boolean {
  return state === "parked";
}
