/** What is kept of the layout between page loads, checked and bounded when it comes back. */
import * as v from "valibot";

/** Side views by rail item. */
export const SIDE_VIEWS = [
  "explorer",
  "search",
  "changes",
  "agent",
  "mcp",
  "notifications",
] as const;
export type SideView = (typeof SIDE_VIEWS)[number];

/** Panes that can have the focus: the docked groups, the debug panel, the side bar. */
export const FOCUS_PANES = ["dock", "panel", "side"] as const;
export type FocusPane = (typeof FOCUS_PANES)[number];

export const SIDE_BAR_DEFAULT = 260;
export const SIDE_BAR_MIN = 180;
/** Dragged narrower than this it closes. */
export const SIDE_BAR_CLOSE = 120;
export const BOTTOM_MIN = 240;
/** Largest share of the height the bottom group takes. */
export const BOTTOM_SHARE_MAX = 0.7;
export const BOTTOM_SHARE_DEFAULT = 0.4;
/** Bytes of a stored layout as JSON; a bigger one is not written. */
export const LAYOUT_BYTES_MAX = 200 * 1024;

const Layout = v.object({
  version: v.literal(1),
  side: v.object({
    view: v.nullable(v.picklist(SIDE_VIEWS)),
    width: v.pipe(v.number(), v.minValue(SIDE_BAR_MIN), v.maxValue(4000)),
  }),
  bottom: v.object({
    open: v.boolean(),
    share: v.pipe(v.number(), v.minValue(0.1), v.maxValue(0.9)),
  }),
  /** Where the focus was; a layout stored before it was kept says nothing. */
  focus: v.optional(v.picklist(FOCUS_PANES), "dock"),
  /** Run of the machine in which it was stored; empty when it is not known. */
  boot: v.optional(v.string(), ""),
  /** dockview's own serialized form. */
  dock: v.unknown(),
});
export type Layout = v.InferOutput<typeof Layout>;

export const DEFAULT_LAYOUT: Layout = {
  version: 1,
  side: { view: "explorer", width: SIDE_BAR_DEFAULT },
  bottom: { open: false, share: BOTTOM_SHARE_DEFAULT },
  focus: "dock",
  boot: "",
  dock: null,
};

/** A stored layout, or the default one when it is none. */
export function readLayout(value: unknown): Layout {
  const result = v.safeParse(Layout, value);
  return result.success ? result.output : DEFAULT_LAYOUT;
}

const Dock = v.looseObject({
  panels: v.record(
    v.string(),
    v.looseObject({ params: v.optional(v.looseObject({ session: v.optional(v.string()) })) }),
  ),
});

/**
 * Whether no tab came or went between two layouts. A terminal counts from its shell on: a tab that comes back without
 * one starts another.
 */
export function haveSameTabs(before: Layout, after: Layout): boolean {
  return tabsOf(before) === tabsOf(after);
}

function tabsOf({ dock }: Layout): string {
  const known = v.safeParse(Dock, dock);
  if (!known.success) return "";
  const tabs = Object.entries(known.output.panels).filter(
    ([id, { params }]) => !id.startsWith("terminal-") || params?.session !== undefined,
  );
  return tabs
    .map(([id]) => id)
    .toSorted()
    .join("\n");
}

/** Width the side bar takes after a drag to `width`; undefined when it closes. */
export function draggedSideWidth(width: number, windowWidth: number): number | undefined {
  if (width < SIDE_BAR_CLOSE) return undefined;
  return Math.round(Math.min(Math.max(width, SIDE_BAR_MIN), windowWidth / 2));
}

/** Share of the height the bottom group takes after a drag to `height`. */
export function draggedBottomShare(height: number, whole: number): number {
  const least = Math.min(BOTTOM_MIN / Math.max(whole, 1), BOTTOM_SHARE_MAX);
  return Math.min(Math.max(height / Math.max(whole, 1), least), BOTTOM_SHARE_MAX);
}
