/** Layout of the window: read once, written debounced and bounded. */
import { type Accessor, createSignal } from "solid-js";
import { stateGet, statePut } from "../../bus/contracts/hub.ts";
import type { Connection } from "../bus.ts";
import {
  DEFAULT_LAYOUT,
  LAYOUT_BYTES_MAX,
  type Layout,
  readLayout,
  type SideView,
} from "../state/layout.ts";

const KEY = "layout";
/** Changes within this time become one write, milliseconds. */
const SAVE_SETTLE_MS = 500;
/** How long the first frame waits for the stored layout, milliseconds. */
const LOAD_MS_MAX = 3_000;

export interface LayoutStore {
  readonly layout: Accessor<Layout>;
  /** Reads what was stored; the default when there is none or the hub is away. */
  load(): Promise<Layout>;
  setSide(change: Partial<Layout["side"]>): void;
  toggleSide(view: SideView): void;
  /** Closes the side bar, or opens the view it showed last. */
  toggleSideBar(): void;
  setBottom(change: Partial<Layout["bottom"]>): void;
  setDock(dock: unknown): void;
}

export function createLayoutStore(connection: Connection): LayoutStore {
  const [layout, setLayout] = createSignal<Layout>(DEFAULT_LAYOUT);
  let lastView: SideView = "explorer";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = (): void => {
    const value = layout();
    if (JSON.stringify(value).length > LAYOUT_BYTES_MAX) return;
    connection.request(statePut, { key: KEY, value }).catch(() => undefined);
  };
  const change = (next: Layout): void => {
    setLayout(next);
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_SETTLE_MS);
  };
  return {
    layout,
    async load() {
      try {
        const { value } = await connection.request(
          stateGet,
          { key: KEY },
          { timeoutMs: LOAD_MS_MAX },
        );
        setLayout(readLayout(value));
      } catch {
        setLayout(DEFAULT_LAYOUT);
      }
      return layout();
    },
    setSide: (side) => change({ ...layout(), side: { ...layout().side, ...side } }),
    toggleSide: (view) => {
      const { side } = layout();
      lastView = view;
      change({ ...layout(), side: { ...side, view: side.view === view ? null : view } });
    },
    toggleSideBar: () => {
      const { side } = layout();
      lastView = side.view ?? lastView;
      change({ ...layout(), side: { ...side, view: side.view === null ? lastView : null } });
    },
    setBottom: (bottom) => change({ ...layout(), bottom: { ...layout().bottom, ...bottom } }),
    setDock: (dock) => change({ ...layout(), dock }),
  };
}
