/** Panes as the keys walk them: the docked groups and, when it is open, the debug panel below them. */
import type { FocusPane } from "../state/layout.ts";
import type { App } from "./app.ts";
import type { Direction } from "./dock.ts";

/** Opens the debug panel with the focus in it, or closes it and goes back. */
export function togglePanel(app: App): void {
  const isOpen = !app.layout.layout().bottom.open;
  app.layout.setBottom({ open: isOpen });
  if (isOpen) focusPanel();
  else app.dock()?.focusActive();
}

/** The next or previous pane, round and round. */
export function stepPane(app: App, step: 1 | -1): void {
  const dock = app.dock();
  if (panel() === undefined) dock?.stepGroup(step);
  else if (isInPanel()) dock?.focusFirstGroup(step);
  else if (dock === undefined || dock.isLastGroup(step)) focusPanel();
  else dock.stepGroup(step);
}

/** The pane that lies there; the panel lies below every group. */
export function focusTowards(app: App, direction: Direction): void {
  const dock = app.dock();
  if (isInPanel()) {
    if (direction === "up") dock?.focusActive();
    return;
  }
  if (dock?.focusDirection(direction) !== true && direction === "down") focusPanel();
}

/** Puts the focus where it was when the layout was stored, else into the active tab, and keeps the place from then on. */
export function resumeFocus(app: App): void {
  const { focus } = app.layout.layout();
  if (focus === "panel" && panel() !== undefined) focusPanel();
  else if (focus === "side" && side() !== undefined) firstControl(side())?.focus();
  else app.dock()?.focusActive();
  window.addEventListener("focusin", ({ target }) => {
    const place = target instanceof Element ? placeOf(target) : undefined;
    if (place !== undefined) app.layout.setFocus(place);
  });
}

/** The first thing in it that takes keys. */
export function firstControl(element: Element | undefined): HTMLElement | undefined {
  const found = element?.querySelector<HTMLElement>("input, select, button, [tabindex='0']");
  return found ?? undefined;
}

function placeOf(element: Element): FocusPane | undefined {
  if (panel()?.contains(element) === true) return "panel";
  if (element.closest(".side-bar") !== null) return "side";
  return element.closest(".dock") === null ? undefined : "dock";
}

/** The list of the tab that is open, else the tab itself. */
function focusPanel(): void {
  const list = panel()?.querySelector<HTMLElement>("[role=treegrid], [role=grid]");
  (list ?? panel()?.querySelector<HTMLElement>("[role=tab][tabindex='0']"))?.focus();
}

function isInPanel(): boolean {
  return panel()?.contains(document.activeElement) === true;
}

function side(): Element | undefined {
  return document.querySelector(".side-bar") ?? undefined;
}

function panel(): Element | undefined {
  return document.getElementById("debug-panel") ?? undefined;
}
