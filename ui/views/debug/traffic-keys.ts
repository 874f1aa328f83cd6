/** Keys of the Traffic list. */
import type { TrafficRow } from "../../state/traffic-row.ts";
import type { FilterCell } from "../../state/traffic-words.ts";
import type { LiveTraffic } from "./live-traffic.ts";
import type { MenuPlace } from "./menu.tsx";
import type { Scroll } from "./traffic-scroller.ts";

export interface TrafficListProps {
  readonly width: number;
  readonly selected: TrafficRow | undefined;
  readonly onSelect: (row: TrafficRow | undefined) => void;
  readonly onDetail: () => void;
  readonly onEscape: () => void;
  readonly onCell: (row: TrafficRow, cell: FilterCell, mode: "only" | "not") => void;
  readonly onMenu: (row: TrafficRow, place: MenuPlace) => void;
  readonly ref: (element: HTMLElement) => void;
}

/** Moves the selection, opens details and menu, pauses, follows. */
export function createKeys(
  traffic: LiveTraffic,
  scroll: Scroll,
  props: TrafficListProps,
): (event: KeyboardEvent) => void {
  const moveTo = async (place: number) => {
    const wanted = Math.min(Math.max(0, place), traffic.look().matched - 1);
    const row = await traffic.rowAt(wanted);
    if (row === undefined) return;
    if (traffic.following() === "following") traffic.setFollowing("held");
    props.onSelect(row);
    scroll.show(wanted);
  };
  const move = async (step: number) => {
    const place = props.selected === undefined ? -1 : await traffic.placeOf(props.selected.entry);
    await moveTo(place < 0 ? Math.floor(scroll.top() + scroll.viewRows()) - 1 : place + step);
  };
  const acts: Readonly<Record<string, () => void>> = {
    ArrowDown: () => void move(1),
    ArrowUp: () => void move(-1),
    PageDown: () => void move(scroll.viewRows()),
    PageUp: () => void move(-scroll.viewRows()),
    Home: () => void moveTo(0),
    End: scroll.follow,
    Escape: props.onEscape,
    " ": () => traffic.setFollowing(traffic.following() === "paused" ? "following" : "paused"),
  };
  return (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && props.selected !== undefined) openDetail(props.onDetail);
    else if (event.key === "ContextMenu" && props.selected !== undefined)
      menuAt(props.selected, props.onMenu);
    else if (acts[event.key] !== undefined) acts[event.key]?.();
    else return;
    event.preventDefault();
  };
}

/** Enter opens the details; Enter again moves into them. */
function openDetail(open: () => void): void {
  const detail = document.querySelector<HTMLElement>(
    "[data-testid=traffic-detail] [role=tab][aria-selected=true]",
  );
  if (detail === null) open();
  else detail.focus();
}

function menuAt(row: TrafficRow, open: (row: TrafficRow, place: MenuPlace) => void): void {
  const box = document.getElementById(`traffic-row-${row.entry}`)?.getBoundingClientRect();
  if (box !== undefined) open(row, { x: box.left + 24, y: box.bottom });
}
