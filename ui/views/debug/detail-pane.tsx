/** The frame of what lies right of a list: a head that ends with a way out, which Esc is too, and a body that scrolls. */
import type { JSX } from "solid-js";
import { Icon } from "../shell/icon.tsx";

export function DetailPane(props: {
  label: string;
  testid: string;
  /** Over the list instead of beside it. */
  isOver: boolean;
  head: JSX.Element;
  onClose: () => void;
  children: JSX.Element;
}): JSX.Element {
  return (
    <aside
      class="debug-detail"
      classList={{ "is-over": props.isOver }}
      aria-label={props.label}
      data-testid={props.testid}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        props.onClose();
      }}
    >
      <header class="debug-detail-head">
        {props.head}
        <span class="grow" />
        <button
          type="button"
          class="icon-only"
          aria-label="Close details"
          onClick={() => props.onClose()}
        >
          <Icon name="x" />
        </button>
      </header>
      <div class="debug-detail-body">{props.children}</div>
    </aside>
  );
}
