/** Around every view: a failing one says so and offers "Reload view"; the others live. */
import { createSignal, ErrorBoundary, type JSX, Show } from "solid-js";
import "./view-boundary.css";

export function ViewBoundary(props: { name: string; children: JSX.Element }): JSX.Element {
  return (
    <ErrorBoundary
      fallback={(error: unknown, reset) => (
        <Failed name={props.name} error={error} onReload={reset} />
      )}
    >
      {props.children}
    </ErrorBoundary>
  );
}

function Failed(props: { name: string; error: unknown; onReload: () => void }): JSX.Element {
  const [isOpen, setOpen] = createSignal(false);
  const stack = () => (props.error instanceof Error ? (props.error.stack ?? "") : "");
  const says = () => (props.error instanceof Error ? props.error.message : String(props.error));
  return (
    <div class="view-failed" role="alert" data-testid="view-failed">
      <p>
        <strong>{props.name} failed.</strong> {says()}
      </p>
      <div class="view-failed-acts">
        <button type="button" class="primary" onClick={() => props.onReload()}>
          Reload view
        </button>
        <button type="button" aria-expanded={isOpen()} onClick={() => setOpen(!isOpen())}>
          Details
        </button>
      </div>
      <Show when={isOpen()}>
        <pre tabindex="0">{stack()}</pre>
      </Show>
    </div>
  );
}
