/** What the rest of the page asks of the docked groups. dockview stands behind it (views/dock). */
import type { Accessor } from "solid-js";
import type { DiffId } from "../state/diff-id.ts";
import type { ViewState } from "../state/editor-views.ts";

export type Direction = "left" | "right" | "up" | "down";

/** Where a new tab goes: into the active group, or beside it. */
export type Placement = "within" | "right" | "down";

/** What a terminal tab shows, kept in the layout. */
export interface TerminalParams {
  /** Absent until the shell runs. */
  readonly session?: string;
  /** Session whose folder the new one inherits. */
  readonly near?: string;
  readonly cwd?: string;
}

/** What an editor tab shows, kept in the layout. */
export interface EditorParams {
  /** Absolute. */
  readonly path?: string;
}

/** What a tab of two versions compares, kept in the layout. */
export interface CompareParams {
  /** Ids of versions, as state/version-id makes them; empty: not chosen yet. Defaults: `disk` and `here`. */
  readonly before?: string;
  readonly after?: string;
}

/** What a tab shows, whatever it is. */
export type PanelParams = TerminalParams & EditorParams & CompareParams;

/** What an editor can be told by a command or the status bar. */
export type EditorAct =
  | "save"
  | "find"
  | "copy"
  | "paste"
  | "cut"
  | "select-all"
  | "go-to-line"
  | "comment"
  | "next-occurrence"
  | "next-change"
  | "previous-change"
  | "fold-all"
  | "unfold-all"
  | "wrap"
  | "compare"
  | "compare-with"
  | "discard"
  | "choose-language"
  | "choose-indentation";

/** What the status bar shows of an editor. */
export interface EditorStatus {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Characters selected, all selections together. */
  readonly selected: number;
  readonly selections: number;
  /** Empty where there is no text: pictures and the like. */
  readonly indentation: string;
  readonly format: string;
  readonly language: string;
  /** Bytes an edit cost on the way to the authority and back, on average; 0: none was made. */
  readonly bytesPerEdit: number;
}

/** What an editor view offers while it is mounted. */
export interface EditorHandle {
  readonly path: string;
  focus(): void;
  /** Shows a place; 0 where none was said. */
  reveal(line: number, column: number): void;
  run(act: EditorAct): void;
  /** What it looks at; undefined where there is no text. */
  viewState(): ViewState | undefined;
  readonly status: Accessor<EditorStatus | undefined>;
}

/** A place in a file; 0 where none was said. */
export interface EditorPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** What a terminal view offers to commands while it is mounted. */
export interface TerminalHandle {
  focus(): void;
  copy(): void;
  paste(): void;
  find(): void;
  clear(): void;
  page(direction: -1 | 1): void;
  prompt(direction: -1 | 1): void;
  selectAll(): void;
  openSelection(): void;
  /** Opens the menu of the command in view. */
  menu(): void;
  /** Text that was typed at that time, for a shell that may still be starting. */
  typeEarly(text: string, atMs: number): void;
  /** Whether its screen stands. */
  isSettled(): boolean;
}

export interface Dock {
  /** Panel id of the active tab. */
  readonly active: Accessor<string | undefined>;
  /** Session of the active tab, if it is a terminal. */
  activeSession(): string | undefined;
  /** Session shown by a tab. */
  sessionOf(panel: string): string | undefined;
  panelOf(session: string): string | undefined;
  openTerminal(placement: Placement, params?: TerminalParams): void;
  openSettings(): void;
  /** Shows a file: in the view it has, unless a further one is wanted beside the active tab. Returns the panel. */
  openEditor(place: EditorPlace, placement?: Placement): string;
  /**
   * Shows a file without taking the keys, in the one tab that the next such file takes over; a file that has a tab is
   * shown in that.
   */
  previewEditor(path: string): void;
  /** Whether the next preview takes the tab's place. */
  isPreview(panel: string): boolean;
  /** A preview becomes a tab like others. */
  keepTab(panel: string): void;
  /** Shows two versions of a file: what is on disk and what is here, unless others are named. */
  openCompare(path: string, versions?: CompareParams): void;
  /** File of a tab. */
  pathOf(panel: string): string | undefined;
  /** Panel of an editor that shows the file. */
  editorOf(path: string): string | undefined;
  /** What commands may do with the active tab, if it is an editor. */
  activeEditor(): EditorHandle | undefined;
  offerEditor(panel: string, handle: EditorHandle): void;
  withdrawEditor(panel: string): void;
  /** Where a new view is to look first; once. */
  takeReveal(panel: string): Pick<EditorPlace, "line" | "column"> | undefined;
  /** Shows a change in the tab it has, else in a new one. */
  openDiff(id: DiffId): void;
  closeTab(panel?: string): void;
  focusTab(panel: string): void;
  /** 1 to 9 in the active group. */
  focusNth(n: number): void;
  stepGroup(step: 1 | -1): void;
  /** Whether a step would go round. */
  isLastGroup(step: 1 | -1): boolean;
  /** The group where steps in this direction begin. */
  focusFirstGroup(step: 1 | -1): void;
  stepRecent(step: 1 | -1): void;
  /** Ctrl is up again: the tab the person stopped at is the most recent. */
  settleRecent(): void;
  focusLastTerminal(): void;
  /** False when no group lies there. */
  focusDirection(direction: Direction): boolean;
  moveTab(direction: Direction): void;
  toggleMaximised(): void;
  focusActive(): void;
  /** What commands may do with the active tab, if it is a terminal. */
  activeHandle(): TerminalHandle | undefined;
  handles: Map<string, TerminalHandle>;
  /** Another session takes the place of the one a tab shows. */
  setParams(panel: string, params: TerminalParams): void;
  /** Removes the tab without asking anyone. */
  remove(panel: string): void;
}
