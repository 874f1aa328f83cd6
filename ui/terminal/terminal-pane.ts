/**
 * One xterm and its links to one session. The view (views/terminal) draws what its signals say and owns it: `dispose`
 * ends links, timers and xterm; the session itself goes on.
 */
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type IDisposable, Terminal } from "@xterm/xterm";
import { type Accessor, createSignal } from "solid-js";
import { type Exit, visible as visibleMethod } from "../../bus/contracts/terminal.ts";
import { guardTerminal } from "../../bus/contracts/xterm-guard.ts";
import type { Connection } from "../bus.ts";
import { HELD_BYTES_MAX, type InputStanding, NOTHING_HELD } from "../state/input-buffer.ts";
import type { PathLink } from "../state/path-links.ts";
import type { Settings, Theme } from "../state/settings.ts";
import { composedText } from "./composed-text.ts";
import { tapped } from "./drill-tap.ts";
import { type EarlyPiece, InputLink } from "./input-link.ts";
import { type LineContrast, lineContrast } from "./line-contrast.ts";
import { type OutputSink, runOutputLink } from "./output-link.ts";
import { pathLinkProvider } from "./path-link-provider.ts";
import { type PromptMarks, promptMarks } from "./prompt-marks.ts";
import { quietSelection } from "./quiet-selection.ts";
import { outputSink } from "./screen-sink.ts";
import { scrollWatch } from "./scroll-watch.ts";
import { type CellSize, type SizedView, SizeLink } from "./size-link.ts";
import { searchColours, xtermOptions, xtermTheme } from "./xterm-look.ts";

/** How the pane stands. */
export type PaneState =
  | { readonly kind: "idle" }
  | { readonly kind: "live" }
  | { readonly kind: "away" }
  | { readonly kind: "ended"; readonly exit: Exit | undefined }
  | { readonly kind: "gone" };

export interface PaneOptions {
  readonly connection: Connection;
  readonly settings: Settings;
  readonly theme: Theme;
  readonly openPath: (link: PathLink) => void;
  readonly openUrl: (url: string) => void;
  readonly onInputFull: () => void;
}

/** Stands for the size of a session that is attached before anybody heard of it, by a pane that is hidden. */
const UNSEEN: CellSize = { cols: 80, rows: 24 };
const encoder = new TextEncoder();
/** Focus in and out, as a program in mode 1004 gets them. */
const FOCUS_REPORTS = ["\u001b[I", "\u001b[O"];
/**
 * xterm draws no cursor before the first focus; leaving the alternate screen, where it is not, changes nothing else.
 * Without it a restored pane beside the focused one shows none.
 */
const DRAW_CURSOR = "\u001b[?1047l";

export class TerminalPane {
  readonly terminal: Terminal;
  readonly search = new SearchAddon({ highlightLimit: 1_000 });
  readonly marks: PromptMarks;
  readonly state: Accessor<PaneState>;
  readonly standing: Accessor<InputStanding>;
  /** Lines that came while scrolled up. */
  readonly newLines: Accessor<number>;
  /** Current size, 0x0 until fitted. */
  readonly size: Accessor<CellSize>;
  readonly #fit = new FitAddon();
  readonly #options: PaneOptions;
  readonly #setState: (state: PaneState) => void;
  readonly #setStanding: (standing: InputStanding) => void;
  readonly #setSize: (size: CellSize) => void;
  readonly #lines: LineContrast;
  readonly #disposables: IDisposable[] = [];
  /** Typed before there was a session. */
  #early: EarlyPiece[] = [];
  #session: string | undefined;
  #links: AbortController | undefined;
  #input: InputLink | undefined;
  #sizeLink: SizeLink | undefined;
  #isRestoring = false;
  /**
   * Since the session was connected its screen stood: xterm has the modes that its program has set. Later rebuilds hold
   * no key back: they come with floods, which Ctrl+C must overtake.
   */
  #hasStood = false;
  #isApplying = false;
  #isVisible = true;

  constructor(options: PaneOptions) {
    this.#options = options;
    const [state, setState] = createSignal<PaneState>({ kind: "idle" });
    const [standing, setStanding] = createSignal(NOTHING_HELD);
    const [newLines, setNewLines] = createSignal(0);
    const [size, setSize] = createSignal<CellSize>({ cols: 0, rows: 0 });
    this.state = state;
    this.standing = standing;
    this.newLines = newLines;
    this.size = size;
    this.#setState = (next) => void setState(next);
    this.#setStanding = (next) => void setStanding(next);
    this.#setSize = (next) => void setSize(next);
    this.terminal = new Terminal({
      ...xtermOptions(options.settings),
      linkHandler: { activate: (event, text) => this.#openWeb(event, text) },
    });
    this.#loadAddons();
    this.marks = promptMarks(this.terminal);
    this.#lines = lineContrast(this.terminal);
    this.#disposables.push(
      this.marks,
      this.#lines,
      scrollWatch(this.terminal, setNewLines),
      this.terminal.registerLinkProvider(pathLinkProvider(this.terminal, options.openPath)),
      this.terminal.onData((data) => this.#typed(data, encoder.encode(data))),
      this.terminal.onBinary((data) =>
        this.#typed(
          data,
          Uint8Array.from(data, (sign) => sign.charCodeAt(0)),
        ),
      ),
      this.terminal.onResize(() => this.#resized()),
    );
  }

  /** Whether its screen stands: the session is attached and the restore part is parsed, or it has ended. */
  get isSettled(): boolean {
    return !this.#isRestoring && !["idle", "away"].includes(this.state().kind);
  }

  /** Puts the terminal into the page. Once. */
  mount(element: HTMLElement): void {
    this.terminal.open(element);
    this.#disposables.push(composedText(this.terminal, element));
    this.#lines.opened();
    quietSelection(this.terminal);
    this.terminal.write(DRAW_CURSOR);
    this.setTheme(this.#options.theme);
    this.fit();
  }

  /** Fits to the element; nothing happens while it has no size. */
  fit(): void {
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !Number.isFinite(size.cols) || !Number.isFinite(size.rows)) return;
    if (this.#isRestoring) return;
    const wanted = { cols: Math.max(2, size.cols), rows: Math.max(1, size.rows) };
    if (this.#sizeLink !== undefined && this.size().cols > 0) return this.#sizeLink.set(wanted);
    this.terminal.resize(wanted.cols, wanted.rows);
    this.#resized();
  }

  /** Shows a session from its current screen on; `known` is its size while this pane is hidden and has none. */
  connect(session: string, known: CellSize = UNSEEN): void {
    this.disconnect();
    this.#session = session;
    const links = new AbortController();
    this.#links = links;
    const { connection } = this.#options;
    const size = (): CellSize => (this.size().cols > 0 ? this.size() : known);
    const view = this.#sizedView();
    this.#sizeLink = new SizeLink({ connection, session, view, signal: links.signal });
    this.#input = new InputLink({
      connection,
      session,
      signal: links.signal,
      now: Date.now,
      writer: crypto.randomUUID(),
      early: this.#early,
      areModesKnown: () => this.#hasStood,
      onStanding: this.#setStanding,
      onFull: this.#options.onInputFull,
    });
    this.#early = [];
    void runOutputLink({
      connection,
      session,
      signal: links.signal,
      sink: tapped(this.#sink(), { session, terminal: this.terminal, signal: links.signal }),
      view: () => ({ ...size(), visible: this.#isVisible }),
    });
    // A hidden pane has no wish: the session keeps its size until the pane is seen.
    if (this.size().cols > 0) this.#sizeLink.set(this.size());
  }

  /** Ends the links; the session goes on. */
  disconnect(): void {
    this.#links?.abort();
    this.#links = undefined;
    this.#input = undefined;
    this.#sizeLink = undefined;
    this.#isRestoring = false;
    this.#hasStood = false;
    this.#setStanding(NOTHING_HELD);
    this.#setState({ kind: "idle" });
  }

  /** Only visible views hold a program back. */
  setVisible(isVisible: boolean): void {
    if (isVisible === this.#isVisible) return;
    this.#isVisible = isVisible;
    const session = this.#session;
    if (session === undefined || this.#links === undefined) return;
    this.#options.connection
      .request(visibleMethod, { session, visible: isVisible }, { signal: this.#links.signal })
      .catch(() => undefined);
  }

  /** Text as if typed, already cleaned. */
  type(text: string): void {
    this.#typed(text, encoder.encode(text));
    this.terminal.scrollToBottom();
  }

  /** The same, typed at that time: what is too old waits for the person's word. */
  typeAt(text: string, atMs: number): void {
    this.#send(encoder.encode(text), atMs);
  }

  sendAside(): void {
    this.#input?.sendAside();
  }

  discardAside(): void {
    this.#input?.discardAside();
  }

  setTheme(theme: Theme): void {
    this.terminal.options.theme = xtermTheme(theme, getComputedStyle(document.documentElement));
  }

  setSettings(settings: Settings): void {
    this.terminal.options.fontSize = settings.fontSize;
    this.terminal.options.scrollback = settings.scrollback;
    this.fit();
  }

  /** Looks for the next or previous hit and marks all. */
  find(text: string, direction: -1 | 1, isIncremental: boolean): void {
    const decorations = searchColours(getComputedStyle(document.documentElement));
    const options = { decorations, incremental: isIncremental };
    if (direction > 0) this.search.findNext(text, options);
    else this.search.findPrevious(text, options);
  }

  dispose(): void {
    this.disconnect();
    for (const item of this.#disposables) item.dispose();
    this.terminal.dispose();
  }

  #sizedView(): SizedView {
    return {
      current: () => this.size(),
      standing: () => {
        const { kind } = this.state();
        if (kind === "ended" || kind === "gone") return "over";
        return kind === "live" && !this.#isRestoring ? "ready" : "wait";
      },
      apply: ({ cols, rows }) => {
        this.#isApplying = true;
        this.terminal.resize(cols, rows);
        this.#isApplying = false;
      },
    };
  }

  #sink(): OutputSink {
    return outputSink(this.terminal, {
      onOutput: (bytes) => this.#lines.saw(bytes),
      setState: (state) => this.#setState(state),
      setRestoring: (isRestoring) => {
        this.#isRestoring = isRestoring;
        if (!isRestoring) this.#stands();
      },
    });
  }

  #stands(): void {
    this.#hasStood = true;
    const { applicationCursorKeysMode } = this.terminal.modes;
    this.#input?.modesKnown(applicationCursorKeysMode ? "application" : "normal");
    this.fit();
  }

  #loadAddons(): void {
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(this.search);
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.loadAddon(new WebLinksAddon((event, url) => this.#openWeb(event, url)));
    this.terminal.unicode.activeVersion = "11";
    guardTerminal(this.terminal);
  }

  #openWeb(event: MouseEvent, url: string): void {
    if (event.ctrlKey) this.#options.openUrl(url);
  }

  /** A screen that is rebuilt asks nothing, but its modes make xterm tell of the focus: that is no news. */
  #typed(data: string, bytes: Uint8Array): void {
    if (this.#isRestoring && FOCUS_REPORTS.includes(data)) return;
    this.#send(bytes, Date.now());
  }

  #send(bytes: Uint8Array, atMs: number): void {
    if (["ended", "gone"].includes(this.state().kind)) return;
    if (this.#input !== undefined) return this.#input.send(bytes, atMs);
    const held = this.#early.reduce((sum, piece) => sum + piece.bytes.byteLength, 0);
    if (held + bytes.byteLength > HELD_BYTES_MAX) this.#options.onInputFull();
    else this.#early.push({ bytes, atMs });
  }

  #resized(): void {
    const { cols, rows } = this.terminal;
    this.#setSize({ cols, rows });
    // A size the session gave its restored screen is no wish of this view.
    if (this.#isRestoring || this.#isApplying) return;
    this.#sizeLink?.set({ cols, rows });
  }
}
