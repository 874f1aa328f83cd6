/** One icon of the sprite, drawn so that its lines are one pixel wide. */
import type { JSX } from "solid-js";
import type { IconName } from "../../icons.ts";

/** Decorative: the control around it carries the label. */
export function Icon(props: { name: IconName; size?: 12 | 14 | 16 | 20 }): JSX.Element {
  return (
    <svg class={`icon icon-${props.size ?? 16}`} aria-hidden="true">
      <use href={`#icon-${props.name}`} />
    </svg>
  );
}
