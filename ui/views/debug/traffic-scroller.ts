/** The scroller of the Traffic list: at its end while following, else where a person left it. */
import { createEffect, createSignal, on } from "solid-js";
import { ROW_PIXELS, scrollTopOf, topRow, topToShow } from "../../state/traffic-scroll.ts";
import type { LiveTraffic } from "./live-traffic.ts";

/** Rows read beyond either edge, so that a short scroll shows no gap. */
const BEYOND = 20;

export interface Scroll {
  /** Row at the top edge, with its fraction. */
  readonly top: () => number;
  readonly viewRows: () => number;
  readonly goTo: (top: number) => void;
  readonly show: (place: number) => void;
  readonly onScroll: () => void;
  readonly follow: () => void;
}

export function createScroll(
  traffic: LiveTraffic,
  scroller: () => HTMLElement | undefined,
  height: () => number,
): Scroll {
  const [heldTop, setHeldTop] = createSignal(0);
  let written: number | undefined;
  const matched = () => traffic.look().matched;
  const lastTop = () => Math.max(0, matched() - height() / ROW_PIXELS);
  const top = () =>
    traffic.following() === "following" ? lastTop() : Math.min(heldTop(), lastTop());
  const goTo = (wanted: number) => {
    const element = scroller();
    if (element === undefined) return;
    setHeldTop(Math.min(Math.max(0, wanted), lastTop()));
    element.scrollTop = scrollTopOf(wanted, height(), matched());
  };
  const onScroll = () => {
    const element = scroller();
    if (element === undefined) return;
    const at = topRow(element.scrollTop, height(), matched());
    if (traffic.following() === "following") {
      // Rows that come or go move the end, not the place a person has scrolled to.
      if (written === undefined || element.scrollTop > written - 2 || isAtFoot(element)) return;
      traffic.setFollowing("held");
    }
    // A pixel is less than a thousandth of a row off after rounding; keep the exact place then.
    if (Math.abs(scrollTopOf(heldTop(), height(), matched()) - element.scrollTop) > 1)
      setHeldTop(at);
    const isAtEnd = at >= lastTop() - 0.5;
    if (isAtEnd && traffic.following() === "held" && traffic.look().newer === 0)
      traffic.setFollowing("following");
  };
  createEffect(() => {
    const rows = Math.ceil(height() / ROW_PIXELS) + 1;
    if (traffic.following() === "following") traffic.setRequest({ from: "end", count: rows });
    else
      traffic.setRequest({
        from: Math.max(0, Math.floor(heldTop()) - BEYOND),
        count: rows + 2 * BEYOND,
      });
  });
  createEffect(
    on([matched, height, traffic.following], () => {
      const element = scroller();
      if (element === undefined || traffic.following() !== "following") return;
      setHeldTop(lastTop());
      element.scrollTop = element.scrollHeight;
      written = element.scrollTop;
    }),
  );
  createEffect(
    on(
      () => traffic.look().removed,
      (removed, before) => {
        // Rows were taken off the front: what is in sight stays in sight.
        if (before !== undefined && removed > before && traffic.following() !== "following")
          goTo(heldTop() - (removed - before));
      },
    ),
  );
  return {
    top,
    viewRows: () => Math.max(1, Math.floor(height() / ROW_PIXELS)),
    goTo,
    show: (place) => goTo(topToShow(place, top(), height())),
    onScroll,
    follow: () => traffic.setFollowing("following"),
  };
}

function isAtFoot(element: HTMLElement): boolean {
  return element.scrollTop + element.clientHeight > element.scrollHeight - 2;
}
