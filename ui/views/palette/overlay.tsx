/** What floats over the page: the lists that are opened by a key. */
import type { JSX } from "solid-js";
import "./palette.css";

/** A press beside it dismisses it. */
export function Overlay(props: {
  label: string;
  onDismiss: () => void;
  children: JSX.Element;
}): JSX.Element {
  return (
    <div
      class="overlay"
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) props.onDismiss();
      }}
    >
      <div class="palette" role="dialog" aria-label={props.label} data-testid="overlay">
        {props.children}
      </div>
    </div>
  );
}
