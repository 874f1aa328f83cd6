/** The Dock of app/dock.ts over dockview: placing, finding and moving tabs, and the order of use. */
import type { AddPanelOptions, DockviewApi, IDockviewPanel } from "dockview-core";
import { type Accessor, createSignal } from "solid-js";
import type {
  CompareParams,
  Direction,
  Dock,
  EditorHandle,
  EditorPlace,
  Placement,
  TerminalHandle,
  TerminalParams,
} from "../../app/dock.ts";
import { firstControl } from "../../app/panes.ts";
import { type DiffId, diffId, diffTitle } from "../../state/diff-id.ts";
import { stepBack, touch } from "../../state/recency.ts";
import { baseName } from "../../state/words.ts";
import { readPanelParams } from "./panel-params.ts";

const SETTINGS_PANEL = "settings";
const POSITIONS = { left: "left", right: "right", up: "top", down: "bottom" } as const;

/** Smaller than this a tab's view is of no use, pixels. */
const LEAST = { minimumWidth: 120, minimumHeight: 96 };

export interface DockControlOptions {
  readonly api: DockviewApi;
  /** What closing a tab means; the tab is removed by it. */
  readonly onClose: (panel: string) => void;
}

export class DockControl implements Dock {
  readonly handles = new Map<string, TerminalHandle>();
  readonly active: Accessor<string | undefined>;
  readonly #api: DockviewApi;
  readonly #onClose: DockControlOptions["onClose"];
  /** Grows when a tab shows another session, so that whoever asked looks again. */
  readonly #changes: Accessor<number>;
  readonly #changed: () => void;
  /** Tab of a file that was only looked at. */
  readonly #preview: Accessor<string | undefined>;
  readonly #setPreview: (panel: string | undefined) => void;
  readonly #editors = new Map<string, EditorHandle>();
  readonly #reveals = new Map<string, Pick<EditorPlace, "line" | "column">>();
  #recent: string[] = [];
  #recentTerminals: string[] = [];
  /** Steps of Ctrl+Tab since Ctrl went down; 0: none under way. */
  #steps = 0;
  /** Whether a tab that comes to the front leaves the keys where they are. */
  #isQuiet = false;

  constructor({ api, onClose }: DockControlOptions) {
    this.#api = api;
    this.#onClose = onClose;
    const [active, setActive] = createSignal<string | undefined>(undefined);
    this.active = active;
    const [changes, setChanges] = createSignal(0);
    this.#changes = changes;
    this.#changed = () => void setChanges((count) => count + 1);
    const [preview, setPreview] = createSignal<string | undefined>(undefined);
    this.#preview = preview;
    this.#setPreview = (panel) => void setPreview(panel);
    api.onDidActivePanelChange(({ panel }) => {
      setActive(panel?.id);
      if (panel === undefined) return;
      if (this.#steps === 0) this.#touch(panel.id);
      if (this.#isQuiet) return;
      this.handles.get(panel.id)?.focus();
      this.#editors.get(panel.id)?.focus();
    });
    api.onDidRemovePanel((panel) => {
      this.#reveals.delete(panel.id);
      this.keepTab(panel.id);
      this.#recent = this.#recent.filter((id) => id !== panel.id);
      this.#recentTerminals = this.#recentTerminals.filter((id) => id !== panel.id);
      this.#changed();
    });
    api.onDidAddPanel(this.#changed);
    api.onDidMovePanel(({ panel }) => this.keepTab(panel.id));
  }

  activeSession(): string | undefined {
    const active = this.active();
    return active === undefined ? undefined : this.sessionOf(active);
  }

  sessionOf(panel: string): string | undefined {
    this.#changes();
    return readPanelParams(this.#api.getPanel(panel)?.params).session;
  }

  panelOf(session: string): string | undefined {
    this.#changes();
    return this.#api.panels.find(({ params }) => readPanelParams(params).session === session)?.id;
  }

  pathOf(panel: string): string | undefined {
    this.#changes();
    return readPanelParams(this.#api.getPanel(panel)?.params).path;
  }

  openTerminal(placement: Placement, params: TerminalParams = {}): void {
    const near = this.activeSession();
    this.#api.addPanel({
      id: `terminal-${crypto.randomUUID()}`,
      component: "terminal",
      tabComponent: "tab",
      params:
        near === undefined || params.session !== undefined ? { ...params } : { near, ...params },
      ...LEAST,
      ...positionBeside(this.#api.activePanel, placement),
    });
  }

  openEditor({ path, line, column }: EditorPlace, placement?: Placement): string {
    const known = placement === undefined ? this.editorOf(path) : undefined;
    if (known !== undefined) {
      this.keepTab(known);
      this.focusTab(known);
      if (line > 0) this.#reveal(known, { line, column });
      return known;
    }
    const id = `editor-${crypto.randomUUID()}`;
    if (line > 0) this.#reveals.set(id, { line, column });
    const reference = placement === undefined ? this.#besideEditors() : this.#api.activePanel;
    this.#addEditor(id, path, positionBeside(reference, placement ?? "within"));
    return id;
  }

  previewEditor(path: string): void {
    const known = this.editorOf(path);
    if (known !== undefined) {
      this.#quietly(() => this.#api.getPanel(known)?.api.setActive());
      return;
    }
    const before = this.#preview();
    const id = `editor-${crypto.randomUUID()}`;
    this.#setPreview(id);
    this.#quietly(() => this.#addEditor(id, path, positionBeside(this.#besideEditors(), "within")));
    if (before !== undefined) this.remove(before);
  }

  isPreview(panel: string): boolean {
    return this.#preview() === panel;
  }

  keepTab(panel: string): void {
    if (this.#preview() === panel) this.#setPreview(undefined);
  }

  editorOf(path: string): string | undefined {
    const panels = this.#api.panels.filter(
      ({ id, params }) => id.startsWith("editor-") && readPanelParams(params).path === path,
    );
    const used = this.#recent.find((id) => panels.some((panel) => panel.id === id));
    return used ?? panels[0]?.id;
  }

  openCompare(path: string, versions: CompareParams = {}): void {
    const id = `compare-${path}`;
    const params = { path, before: "disk", after: "here", ...versions };
    const known = this.#api.getPanel(id);
    if (known !== undefined) {
      known.api.updateParameters(params);
      return known.api.setActive();
    }
    this.#api.addPanel({
      id,
      component: "compare",
      tabComponent: "tab",
      title: `${baseName(path)} - versions`,
      params,
      ...LEAST,
      ...positionBeside(this.#api.activePanel, "within"),
    });
  }

  activeEditor(): EditorHandle | undefined {
    this.#changes();
    const active = this.active();
    return active === undefined ? undefined : this.#editors.get(active);
  }

  offerEditor(panel: string, handle: EditorHandle): void {
    this.#editors.set(panel, handle);
    this.#changed();
  }

  withdrawEditor(panel: string): void {
    this.#editors.delete(panel);
    this.#changed();
  }

  takeReveal(panel: string): Pick<EditorPlace, "line" | "column"> | undefined {
    const place = this.#reveals.get(panel);
    this.#reveals.delete(panel);
    return place;
  }

  openSettings(): void {
    const known = this.#api.getPanel(SETTINGS_PANEL);
    if (known !== undefined) return known.api.setActive();
    this.#api.addPanel({
      id: SETTINGS_PANEL,
      component: "settings",
      tabComponent: "tab",
      title: "Settings",
    });
  }

  openDiff(of: DiffId): void {
    const id = diffId(of);
    const known = this.#api.getPanel(id);
    if (known !== undefined) return known.api.setActive();
    const reference = this.#api.activePanel;
    this.#api.addPanel({
      id,
      component: "diff",
      tabComponent: "tab",
      title: diffTitle(of),
      minimumWidth: 120,
      minimumHeight: 96,
      ...(reference === undefined
        ? {}
        : { position: { referencePanel: reference.id, direction: "within" } }),
    });
  }

  closeTab(panel = this.active()): void {
    if (panel === undefined) return;
    this.#onClose(panel);
  }

  remove(panel: string): void {
    const known = this.#api.getPanel(panel);
    if (known !== undefined) this.#api.removePanel(known);
  }

  focusTab(panel: string): void {
    this.#api.getPanel(panel)?.api.setActive();
    this.handles.get(panel)?.focus();
    this.#editors.get(panel)?.focus();
  }

  focusNth(n: number): void {
    this.#api.activeGroup?.panels[n - 1]?.api.setActive();
  }

  stepGroup(step: 1 | -1): void {
    const groups = this.#api.groups;
    this.#focusGroup((this.#groupAt() + step + groups.length) % groups.length);
  }

  isLastGroup(step: 1 | -1): boolean {
    return this.#groupAt() === (step > 0 ? this.#api.groups.length - 1 : 0);
  }

  focusFirstGroup(step: 1 | -1): void {
    this.#focusGroup(step > 0 ? 0 : this.#api.groups.length - 1);
  }

  stepRecent(step: 1 | -1): void {
    this.#steps += step;
    const id = stepBack(this.#recent, this.#steps);
    if (id !== undefined) this.focusTab(id);
  }

  settleRecent(): void {
    if (this.#steps === 0) return;
    this.#steps = 0;
    const active = this.active();
    if (active !== undefined) this.#touch(active);
  }

  focusLastTerminal(): void {
    const active = this.active();
    const isTerminal = active !== undefined && this.handles.has(active);
    const target = this.#recentTerminals[isTerminal ? 1 : 0] ?? this.#recentTerminals[0];
    if (target !== undefined) this.focusTab(target);
  }

  focusDirection(direction: Direction): boolean {
    const group = this.#api.activeGroup;
    if (group === undefined) return false;
    const found = this.#api.adjacentGroupInDirection(group, direction);
    found?.activePanel?.api.setActive();
    this.focusActive();
    return found !== undefined;
  }

  moveTab(direction: Direction): void {
    const panel = this.#api.activePanel;
    const group = panel?.group;
    if (panel === undefined || group === undefined) return;
    const found = this.#api.adjacentGroupInDirection(group, direction)?.id;
    const beside = this.#api.groups.find(({ id }) => id === found);
    if (beside !== undefined) {
      panel.api.moveTo({ group: beside });
    } else if (group.panels.length > 1) {
      panel.api.moveTo({ group, position: POSITIONS[direction] });
    }
    this.focusActive();
  }

  toggleMaximised(): void {
    const panel: IDockviewPanel | undefined = this.#api.activePanel;
    if (this.#api.hasMaximizedGroup()) this.#api.exitMaximizedGroup();
    else panel?.api.maximize();
    this.focusActive();
  }

  focusActive(): void {
    const handle = this.activeHandle() ?? this.activeEditor();
    if (handle !== undefined) return handle.focus();
    const panel = this.active();
    const view = panel === undefined ? undefined : this.#api.getPanel(panel)?.view.content.element;
    firstControl(view)?.focus();
  }

  activeHandle(): TerminalHandle | undefined {
    const active = this.active();
    return active === undefined ? undefined : this.handles.get(active);
  }

  setParams(panel: string, params: TerminalParams): void {
    const whole = { session: undefined, near: undefined, cwd: undefined, ...params };
    this.#api.getPanel(panel)?.api.updateParameters(whole);
    this.#changed();
  }

  #addEditor(id: string, path: string, position: Pick<AddPanelOptions, "position">): void {
    this.#api.addPanel({
      id,
      component: "editor",
      tabComponent: "tab",
      title: baseName(path),
      params: { path },
      ...LEAST,
      ...position,
    });
  }

  #quietly(act: () => void): void {
    this.#isQuiet = true;
    try {
      act();
    } finally {
      this.#isQuiet = false;
    }
  }

  #reveal(panel: string, place: Pick<EditorPlace, "line" | "column">): void {
    const handle = this.#editors.get(panel);
    if (handle === undefined) this.#reveals.set(panel, place);
    else handle.reveal(place.line, place.column);
  }

  /** New files join the files that are open; terminals keep their group to themselves where there are two. */
  #besideEditors(): IDockviewPanel | undefined {
    const active = this.#api.activePanel;
    if (active?.id.startsWith("editor-") === true) return active;
    const recent = this.#recent.find((id) => id.startsWith("editor-"));
    return (recent === undefined ? undefined : this.#api.getPanel(recent)) ?? active;
  }

  #groupAt(): number {
    return this.#api.groups.findIndex(({ id }) => id === this.#api.activeGroup?.id);
  }

  #focusGroup(at: number): void {
    this.#api.groups[at]?.activePanel?.api.setActive();
    this.focusActive();
  }

  #touch(panel: string): void {
    this.#recent = touch(this.#recent, panel);
    if (panel.startsWith("terminal-")) this.#recentTerminals = touch(this.#recentTerminals, panel);
  }
}

function positionBeside(
  panel: IDockviewPanel | undefined,
  placement: Placement,
): Pick<AddPanelOptions, "position"> {
  if (panel === undefined) return {};
  const direction = placement === "down" ? "below" : placement;
  return { position: { referencePanel: panel.id, direction } };
}
