/** A file that cannot be shown: why, and what can be done. */
import { type JSX, Show } from "solid-js";
import { denialIn } from "../../app/denial-store.ts";
import { messageOf } from "../../app/settings-store.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { baseName } from "../../state/words.ts";
import { DenialCard } from "../denial/denial-card.tsx";

export function FailedPane(props: { document: OpenDocument }): JSX.Element {
  const denial = () => denialIn(props.document.error());
  return (
    <div class="editor-failed" role="alert" data-testid="editor-failed">
      <Show when={denial()} fallback={<NotOpened document={props.document} />}>
        {(facts) => (
          <DenialCard
            denial={facts()}
            where="in the editor"
            onOpened={() => props.document.client.retry()}
          />
        )}
      </Show>
    </div>
  );
}

function NotOpened(props: { document: OpenDocument }): JSX.Element {
  return (
    <>
      <p>
        <strong>{baseName(props.document.path)} cannot be shown.</strong>{" "}
        {messageOf(props.document.error())}
      </p>
      <div class="editor-failed-acts">
        <button type="button" class="primary" onClick={() => props.document.client.retry()}>
          Try again
        </button>
      </div>
    </>
  );
}
