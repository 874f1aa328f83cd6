/** The card over the page, for a closed file that was opened from a list. Esc keeps it closed. */
import { type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { ShownDenial } from "../../app/denial-store.ts";
import { Modal } from "../shell/modal.tsx";
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
  const { denials } = useApp();
  return (
    <Modal titleId="denial-title" testId="denial-dialog" onCancel={() => denials.close()}>
      <DenialCard
        denial={props.shown.denial}
        where={props.shown.where}
        titleId="denial-title"
        onClose={() => denials.close()}
        onOpened={() => {
          denials.close();
          props.shown.then?.();
        }}
      />
    </Modal>
  );
}
