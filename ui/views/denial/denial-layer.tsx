/** The card over the page, for a closed file that was opened from a list. Esc keeps it closed. */
import { type JSX, onCleanup, onMount, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { ShownDenial } from "../../app/denial-store.ts";
import { DenialCard } from "./denial-card.tsx";

export function DenialLayer(): JSX.Element {
  const { denials } = useApp();
  return (
    <Show when={denials.current()} keyed>
      {(shown) => <DenialDialog shown={shown} />}
    </Show>
  );
}

function DenialDialog(props: { shown: ShownDenial }): JSX.Element {
  const app = useApp();
  let element: HTMLDialogElement | undefined;
  const before = document.activeElement;
  const close = () => app.denials.close();
  onMount(() => element?.showModal());
  onCleanup(() => {
    element?.close();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    else app.dock()?.focusActive();
  });
  return (
    <dialog
      ref={(made) => {
        element = made;
      }}
      class="dialog"
      aria-labelledby="denial-title"
      data-testid="denial-dialog"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <DenialCard
        denial={props.shown.denial}
        where={props.shown.where}
        titleId="denial-title"
        onClose={close}
        onOpened={() => {
          close();
          props.shown.then?.();
        }}
      />
    </dialog>
  );
}
