/** Why there is no difference to show: a rule that closes the file, or what went wrong. */
import { type JSX, Show } from "solid-js";
import { denialIn } from "../../app/denial-store.ts";
import { messageOf } from "../../app/settings-store.ts";
import { DenialCard } from "../denial/denial-card.tsx";
import "./diff.css";

/** `where` is the view in which the person asked: `in Changes`. */
export function DiffFailure(props: {
  failure: unknown;
  where: string;
  onAgain: () => void;
}): JSX.Element {
  return (
    <Show
      when={denialIn(props.failure)}
      fallback={
        <p class="diff-note diff-failed" role="alert">
          {messageOf(props.failure)}{" "}
          <button type="button" class="link" onClick={() => props.onAgain()}>
            Try again
          </button>
        </p>
      }
    >
      {(facts) => (
        <div class="diff-denied" role="alert">
          <DenialCard denial={facts()} where={props.where} onOpened={props.onAgain} />
        </div>
      )}
    </Show>
  );
}
