/** A small button of a search bar. */
import type { JSX } from "solid-js";
import { Icon } from "./icon.tsx";

export function SearchButton(props: {
  label: string;
  icon: "arrow-up" | "arrow-down" | "x";
  run: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="icon-only"
      aria-label={props.label}
      title={props.label}
      onClick={() => props.run()}
    >
      <Icon name={props.icon} size={14} />
    </button>
  );
}
