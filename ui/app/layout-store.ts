/** Layout of the window: read once, written at the first change and then at a bounded rate. */
import { type Accessor, createSignal } from "solid-js";
import { info, stateGet, statePut } from "../../bus/contracts/hub.ts";
import type { Connection } from "../bus.ts";
import {
  DEFAULT_LAYOUT,
  type FocusPane,
  haveSameTabs,
  LAYOUT_BYTES_MAX,
  type Layout,
  readLayout,
  type SideView,
} from "../state/layout.ts";

const KEY = "layout";
/** Two writes are at least so long apart, milliseconds: of sizes and the like, and of tabs that came or went. */
const SAVE_PAUSE_MS = 500;
const SAVE_TABS_PAUSE_MS = 30;
/** While the hub is away a write is tried again after so long, milliseconds, and so often. */
const SAVE_AGAIN_MS = 2_000;
const SAVE_TRIES_MAX = 15;
/** How long the first frame waits for the stored layout, milliseconds. */
const LOAD_MS_MAX = 3_000;
/** Below this width the side bar lies over the groups, as in views/side/side-bar.css. */
const NARROW_PX = 960;

export interface LayoutStore {
  readonly layout: Accessor<Layout>;
  /** Reads what was stored; the default when there is none or the hub is away. */
  load(): Promise<Layout>;
  setSide(change: Partial<Layout["side"]>): void;
  /** The view to show: in a narrow window the overlay's, which starts closed and is not stored. */
  readonly sideView: Accessor<SideView | null>;
  showSide(view: SideView | null): void;
  toggleSide(view: SideView): void;
  /** In a narrow window: the person went on elsewhere. */
  closeOverlay(): void;
  /** Closes the side bar, or opens the view it showed last. */
  toggleSideBar(): void;
  setBottom(change: Partial<Layout["bottom"]>): void;
  setDock(dock: unknown): void;
  setFocus(focus: FocusPane): void;
  /** When the machine started again after the layout was stored, wall clock ms; undefined when it did not. */
  readonly rebootedMs: Accessor<number | undefined>;
}

export function createLayoutStore(connection: Connection): LayoutStore {
  const [layout, setLayout] = createSignal<Layout>(DEFAULT_LAYOUT);
  const [rebootedMs, setRebooted] = createSignal<number | undefined>(undefined);
  const [overlayView, setOverlayView] = createSignal<SideView | null>(null);
  const isNarrow = narrowWindow(() => setOverlayView(null));
  let lastView: SideView = "explorer";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAtMs = Number.POSITIVE_INFINITY;
  let savedAtMs = Number.NEGATIVE_INFINITY;
  const saveAt = (ms: number, tries: number): void => {
    if (ms >= dueAtMs) return;
    clearTimeout(timer);
    dueAtMs = ms;
    timer = setTimeout(save, Math.max(0, ms - performance.now()), tries);
  };
  const save = (tries: number): void => {
    dueAtMs = Number.POSITIVE_INFINITY;
    savedAtMs = performance.now();
    const value = layout();
    if (JSON.stringify(value).length > LAYOUT_BYTES_MAX) return;
    connection.request(statePut, { key: KEY, value }).catch(() => {
      if (tries < SAVE_TRIES_MAX) saveAt(performance.now() + SAVE_AGAIN_MS, tries + 1);
    });
  };
  const change = (next: Layout): void => {
    const pauseMs = haveSameTabs(layout(), next) ? SAVE_PAUSE_MS : SAVE_TABS_PAUSE_MS;
    setLayout(next);
    saveAt(savedAtMs + pauseMs, 1);
  };
  const sideView = (): SideView | null => (isNarrow() ? overlayView() : layout().side.view);
  const showSide = (view: SideView | null): void => {
    lastView = view ?? sideView() ?? lastView;
    if (isNarrow()) setOverlayView(view);
    else change({ ...layout(), side: { ...layout().side, view } });
  };
  return {
    layout,
    rebootedMs,
    async load() {
      try {
        const { value } = await connection.request(
          stateGet,
          { key: KEY },
          { timeoutMs: LOAD_MS_MAX },
        );
        const stored = readLayout(value);
        const { boot } = await connection.request(info, {}, { timeoutMs: LOAD_MS_MAX });
        if (stored.boot !== "" && boot.id !== "" && stored.boot !== boot.id)
          setRebooted(boot.startedMs);
        setLayout({ ...stored, boot: boot.id });
      } catch {
        setLayout(DEFAULT_LAYOUT);
      }
      return layout();
    },
    setSide: (side) => change({ ...layout(), side: { ...layout().side, ...side } }),
    sideView,
    showSide,
    toggleSide: (view) => showSide(sideView() === view ? null : view),
    toggleSideBar: () => showSide(sideView() === null ? lastView : null),
    closeOverlay: () => void setOverlayView(null),
    setBottom: (bottom) => change({ ...layout(), bottom: { ...layout().bottom, ...bottom } }),
    setDock: (dock) => change({ ...layout(), dock }),
    setFocus(focus) {
      if (focus !== layout().focus) change({ ...layout(), focus });
    },
  };
}

/** Whether the side bar is an overlay. */
function narrowWindow(onChange: () => void): Accessor<boolean> {
  const query = matchMedia(`(width < ${NARROW_PX}px)`);
  const [isNarrow, setNarrow] = createSignal(query.matches);
  query.addEventListener("change", () => {
    setNarrow(query.matches);
    onChange();
  });
  return isNarrow;
}
