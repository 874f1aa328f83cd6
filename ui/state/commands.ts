/** Every command a person can run: id, words, keys. The table of ux.md section 7 as data. */

export type CommandId = (typeof COMMANDS)[number]["id"];

export interface Command {
  readonly id: string;
  /** Words in the palette: group, then act. */
  readonly title: string;
  /** Chords that work everywhere, also in a terminal. */
  readonly keys: readonly string[];
  /** Chords that work only while no terminal has the focus. */
  readonly outside?: readonly string[];
  /** Letter or sign after the leader. */
  readonly leader?: string;
  /** Why it does nothing yet, in words. */
  readonly unbuilt?: string;
}

/** In the order of the palette when nothing is typed. */
export const COMMANDS = [
  {
    id: "palette.show",
    title: "Show all commands",
    keys: ["ctrl+shift+p"],
    outside: ["f1"],
    leader: "p",
  },
  { id: "leader.show", title: "Run a command by letter", keys: ["ctrl+shift+space"] },
  {
    id: "quick-open.show",
    title: "Quick open",
    keys: ["ctrl+shift+o"],
    outside: ["ctrl+p"],
  },
  { id: "find.show", title: "Find here", keys: ["ctrl+shift+f"], outside: ["ctrl+f"], leader: "f" },
  { id: "terminal.new", title: "Terminal: New", keys: ["ctrl+shift+t"], leader: "t" },
  {
    id: "terminal.split-right",
    title: "Tab: Split right",
    keys: ["ctrl+shift+d"],
    leader: "d",
  },
  {
    id: "terminal.split-down",
    title: "Tab: Split down",
    keys: ["ctrl+shift+enter"],
    leader: "enter",
  },
  {
    id: "tab.close",
    title: "Tab: Close",
    keys: ["ctrl+shift+w"],
    outside: ["ctrl+w"],
    leader: "w",
  },
  { id: "tab.reopen", title: "Tab: Reopen the last closed", keys: ["ctrl+shift+l"], leader: "l" },
  { id: "tab.recent", title: "Tab: Recent", keys: ["ctrl+tab"] },
  { id: "tab.recent-back", title: "Tab: Recent, back", keys: ["ctrl+shift+tab"] },
  { id: "tab.1", title: "Tab: 1", keys: ["ctrl+alt+1"], leader: "1" },
  { id: "tab.2", title: "Tab: 2", keys: ["ctrl+alt+2"], leader: "2" },
  { id: "tab.3", title: "Tab: 3", keys: ["ctrl+alt+3"], leader: "3" },
  { id: "tab.4", title: "Tab: 4", keys: ["ctrl+alt+4"], leader: "4" },
  { id: "tab.5", title: "Tab: 5", keys: ["ctrl+alt+5"], leader: "5" },
  { id: "tab.6", title: "Tab: 6", keys: ["ctrl+alt+6"], leader: "6" },
  { id: "tab.7", title: "Tab: 7", keys: ["ctrl+alt+7"], leader: "7" },
  { id: "tab.8", title: "Tab: 8", keys: ["ctrl+alt+8"], leader: "8" },
  { id: "tab.9", title: "Tab: 9", keys: ["ctrl+alt+9"], leader: "9" },
  { id: "tab.move-left", title: "Tab: Move left", keys: [], leader: "shift+left" },
  { id: "tab.move-right", title: "Tab: Move right", keys: [], leader: "shift+right" },
  { id: "tab.move-up", title: "Tab: Move up", keys: [], leader: "shift+up" },
  { id: "tab.move-down", title: "Tab: Move down", keys: [], leader: "shift+down" },
  { id: "tab.rename", title: "Terminal: Rename", keys: [], leader: "r" },
  { id: "pane.next", title: "Pane: Next", keys: ["ctrl+shift+]"] },
  { id: "pane.previous", title: "Pane: Previous", keys: ["ctrl+shift+["] },
  { id: "pane.left", title: "Pane: Focus left", keys: [], leader: "left" },
  { id: "pane.right", title: "Pane: Focus right", keys: [], leader: "right" },
  { id: "pane.up", title: "Pane: Focus up", keys: [], leader: "up" },
  { id: "pane.down", title: "Pane: Focus down", keys: [], leader: "down" },
  { id: "pane.maximise", title: "Pane: Maximise", keys: ["ctrl+shift+m"], leader: "m" },
  { id: "view.explorer", title: "View: Explorer", keys: ["ctrl+shift+e"], leader: "e" },
  { id: "view.search", title: "View: Search", keys: [] },
  { id: "view.changes", title: "View: Changes", keys: [] },
  { id: "view.agent", title: "View: Agent", keys: ["ctrl+shift+a"], leader: "a" },
  { id: "view.mcp", title: "View: MCP", keys: [] },
  { id: "view.notifications", title: "View: Notifications", keys: [] },
  { id: "view.debug", title: "View: Debug panel", keys: ["ctrl+shift+y"], leader: "y" },
  {
    id: "view.sidebar",
    title: "View: Side bar",
    keys: ["ctrl+shift+b"],
    outside: ["ctrl+b"],
    leader: "b",
  },
  { id: "editor.save", title: "File: Save", keys: [], outside: ["ctrl+s"], leader: "s" },
  { id: "editor.save-all", title: "File: Save all", keys: [] },
  { id: "editor.discard", title: "File: Discard unsaved edits", keys: [] },
  { id: "editor.compare", title: "File: Compare with disk", keys: [] },
  { id: "editor.compare-with", title: "File: Compare with another version", keys: [] },
  { id: "editor.go-to-line", title: "Editor: Go to line", keys: [], outside: ["ctrl+g"] },
  { id: "editor.comment", title: "Editor: Comment", keys: [], outside: ["ctrl+/"] },
  {
    id: "editor.next-occurrence",
    title: "Editor: Select next occurrence",
    keys: [],
    outside: ["ctrl+d"],
  },
  {
    id: "editor.next-change",
    title: "Editor: Next change or conflict",
    keys: [],
    outside: ["f7"],
  },
  {
    id: "editor.previous-change",
    title: "Editor: Previous change or conflict",
    keys: [],
    outside: ["shift+f7"],
  },
  { id: "editor.fold-all", title: "Editor: Fold all", keys: [] },
  { id: "editor.unfold-all", title: "Editor: Unfold all", keys: [] },
  { id: "editor.wrap", title: "Editor: Wrap long lines", keys: [] },
  { id: "editor.choose-language", title: "Editor: Language", keys: [] },
  { id: "editor.choose-indentation", title: "Editor: Indentation", keys: [] },
  { id: "terminal.last", title: "Terminal: Last and back", keys: ["ctrl+`"], leader: "`" },
  { id: "attention.next", title: "Next thing that needs you", keys: ["ctrl+shift+j"], leader: "j" },
  { id: "settings.show", title: "Settings", keys: ["ctrl+,"], leader: "," },
  { id: "zoom.in", title: "Zoom: In", keys: ["ctrl+="], leader: "=" },
  { id: "zoom.out", title: "Zoom: Out", keys: ["ctrl+-"], leader: "-" },
  { id: "zoom.reset", title: "Zoom: Reset", keys: ["ctrl+0"], leader: "0" },
  { id: "window.new", title: "Window: New", keys: ["ctrl+shift+n"], leader: "n" },
  { id: "window.close", title: "Window: Close", keys: ["ctrl+shift+q"], leader: "q" },
  { id: "page.reload", title: "Window: Reload the page", keys: ["ctrl+shift+r"] },
  { id: "terminal.copy", title: "Terminal: Copy", keys: ["ctrl+shift+c"], leader: "c" },
  { id: "terminal.paste", title: "Terminal: Paste", keys: ["ctrl+shift+v"], leader: "v" },
  { id: "terminal.previous-prompt", title: "Terminal: Previous prompt", keys: ["ctrl+shift+z"] },
  { id: "terminal.next-prompt", title: "Terminal: Next prompt", keys: ["ctrl+shift+x"] },
  {
    id: "terminal.clear",
    title: "Terminal: Clear scrollback",
    keys: ["ctrl+shift+k"],
    leader: "k",
  },
  { id: "terminal.page-up", title: "Terminal: Page up", keys: ["shift+pageup"] },
  { id: "terminal.page-down", title: "Terminal: Page down", keys: ["shift+pagedown"] },
  {
    id: "terminal.open-selection",
    title: "Terminal: Open the selected path",
    keys: [],
    leader: "o",
  },
  { id: "terminal.menu", title: "Terminal: Menu of the command", keys: [], leader: "x" },
  { id: "terminal.select-all", title: "Terminal: Select all", keys: [] },
] as const satisfies readonly Command[];

/** Any command of the table as the plain interface. */
export function allCommands(): readonly Command[] {
  return COMMANDS;
}
