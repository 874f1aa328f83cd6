/** The mark in the gutter of a line that can be folded: seen under the pointer, and always where it is folded. */
import { iconElement } from "./icon-element.ts";

export function foldMarker(isOpen: boolean): HTMLElement {
  const mark = document.createElement("span");
  mark.className = isOpen ? "editor-fold" : "editor-fold editor-folded";
  mark.title = isOpen ? "Fold" : "Unfold";
  mark.append(iconElement(isOpen ? "chevron-down" : "chevron-right", 12));
  return mark;
}
