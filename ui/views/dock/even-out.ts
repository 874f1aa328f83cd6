/** A double-click on a sash gives all panes of that row or column the same size. */
import type { DockviewApi } from "dockview-core";

/** Each change moves the panes behind it, so the sizes settle in a second round. */
const ROUNDS = 2;

/** Listens on the dock's element as long as that lives. */
export function evenOutOnDoubleClick(api: DockviewApi, element: HTMLElement): void {
  element.addEventListener("dblclick", ({ target }) => {
    const sash = target instanceof Element ? target.closest(".dv-sash") : null;
    const split = sash?.closest(".dv-split-view-container") ?? null;
    if (split !== null) evenOut(api, split);
  });
}

function evenOut(api: DockviewApi, split: Element): void {
  const panes = [...split.querySelectorAll(":scope > .dv-view-container > .dv-view")];
  const side = split.classList.contains("dv-horizontal") ? "width" : "height";
  const size = Math.floor(split.getBoundingClientRect()[side] / Math.max(1, panes.length));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const pane of panes) groupAcross(api, pane, side)?.api.setSize({ [side]: size });
  }
}

/** A group of the pane that is as wide, or as high, as the pane itself: its size is the pane's. */
function groupAcross(
  api: DockviewApi,
  pane: Element,
  side: "width" | "height",
): DockviewApi["groups"][number] | undefined {
  const whole = pane.getBoundingClientRect()[side];
  return api.groups.find(({ element }) => {
    return pane.contains(element) && Math.abs(element.getBoundingClientRect()[side] - whole) < 2;
  });
}
