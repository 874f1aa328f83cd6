/** A file that cannot be shown: why, and what can be done. */
import { type JSX, Show } from "solid-js";
import * as v from "valibot";
import { Denial, grant } from "../../../bus/contracts/file-guard.ts";
import { isBusError } from "../../../bus/errors.ts";
import { useApp } from "../../app/app.ts";
import { messageOf } from "../../app/settings-store.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { baseName } from "../../state/words.ts";
import { Icon } from "../shell/icon.tsx";

export function FailedPane(props: { document: OpenDocument }): JSX.Element {
  const denial = () => denialOf(props.document.error());
  return (
    <div class="editor-failed" role="alert" data-testid="editor-failed">
      <Show when={denial()} fallback={<NotOpened document={props.document} />}>
        {(facts) => <Denied document={props.document} denial={facts()} />}
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

/** "Denied: read .env - rule built-in/dotenv, asked by you in the editor." */
function Denied(props: { document: OpenDocument; denial: Denial }): JSX.Element {
  const app = useApp();
  const open = async () => {
    try {
      await app.connection.request(grant, { path: props.document.path });
      props.document.client.retry();
    } catch (error) {
      const title = `${baseName(props.document.path)} stays closed.`;
      app.toasts.show({ tag: "grant", level: "error", title, text: messageOf(error) });
    }
  };
  return (
    <>
      <p>
        <Icon name="lock" /> <strong>Denied: read {baseName(props.document.path)}</strong> - rule{" "}
        {props.denial.rule}, asked by you in the editor.
        {props.denial.liftable ? "" : " No setting lifts this rule."}
      </p>
      <p class="editor-failed-why">{props.denial.why}</p>
      <Show when={props.denial.liftable}>
        <div class="editor-failed-acts">
          <button type="button" class="primary" onClick={() => void open()}>
            Open for me for 10 minutes
          </button>
        </div>
      </Show>
    </>
  );
}

function denialOf(error: unknown): Denial | undefined {
  if (!isBusError(error, "file-guard/denied")) return undefined;
  const result = v.safeParse(Denial, error.data);
  return result.success ? result.output : undefined;
}
