/** An icon of the sprite for what CodeMirror draws outside of Solid. */
import type { IconName } from "../icons.ts";

const SVG = "http://www.w3.org/2000/svg";

export function iconElement(name: IconName, size: 12 | 14 | 16): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon icon-${size}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}
