/** Toasts, top right under the tab strips, at most three. Hover and focus hold them. */
import { For, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { IconName } from "../../icons.ts";
import type { Level, Toast } from "../../state/toasts.ts";
import { Icon } from "./icon.tsx";
import "./toast-stack.css";

export const LEVEL_ICONS: Readonly<Record<Level, IconName>> = {
  ok: "check",
  info: "info",
  warn: "triangle-alert",
  error: "octagon-x",
};

export function ToastStack(): JSX.Element {
  const app = useApp();
  return (
    <section class="toast-stack" aria-label="Messages" aria-live="polite" data-testid="toasts">
      <For each={app.toasts.shown()}>{(toast) => <ToastCard toast={toast} />}</For>
    </section>
  );
}

function ToastCard(props: { toast: Toast }): JSX.Element {
  const { toasts } = useApp();
  const { id } = props.toast;
  return (
    <article
      class={`toast toast-${props.toast.level}`}
      data-testid="toast"
      data-level={props.toast.level}
      onMouseEnter={() => toasts.hold(id)}
      onMouseLeave={() => toasts.release(id)}
      onFocusIn={() => toasts.hold(id)}
      onFocusOut={() => toasts.release(id)}
    >
      <span class="toast-mark">
        <Icon name={LEVEL_ICONS[props.toast.level]} />
        <span class="sr-only">{props.toast.level}</span>
      </span>
      <div class="toast-words">
        <strong>{props.toast.title}</strong>
        <Show when={props.toast.text !== ""}>
          <span class="toast-text">{props.toast.text}</span>
        </Show>
        <ToastActions toast={props.toast} />
      </div>
      <button
        type="button"
        class="icon-only"
        aria-label="Dismiss"
        title="Dismiss"
        onClick={() => toasts.dismiss(id)}
      >
        <Icon name="x" size={14} />
      </button>
    </article>
  );
}

function ToastActions(props: { toast: Toast }): JSX.Element {
  const { toasts } = useApp();
  return (
    <Show when={props.toast.actions.length > 0}>
      <div class="toast-actions">
        <For each={props.toast.actions}>
          {(action) => (
            <button
              type="button"
              class="link"
              onClick={() => {
                toasts.dismiss(props.toast.id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
        </For>
      </div>
    </Show>
  );
}
