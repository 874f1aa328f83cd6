/** Every message of this page, newest first; at most 200 are kept. */
import { createEffect, For, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { clock } from "../../state/words.ts";
import { Icon } from "../shell/icon.tsx";
import { LEVEL_ICONS } from "../shell/toast-stack.tsx";

export function Notifications(): JSX.Element {
  const { toasts } = useApp();
  createEffect(() => {
    if (toasts.unread() > 0) toasts.markRead();
  });
  const newestFirst = () => [...toasts.kept()].reverse();
  return (
    <ol class="notice-list" aria-label="Notifications" data-testid="notification-list">
      <For each={newestFirst()} fallback={<li class="side-empty">No message yet.</li>}>
        {(toast) => (
          <li class={`notice toast-${toast.level}`}>
            <span class="toast-mark">
              <Icon name={LEVEL_ICONS[toast.level]} />
            </span>
            <div class="notice-words">
              <strong>{toast.title}</strong>
              <Show when={toast.text !== ""}>
                <span class="toast-text">{toast.text}</span>
              </Show>
            </div>
            <time class="notice-time">{clock(toast.atMs)}</time>
          </li>
        )}
      </For>
    </ol>
  );
}
