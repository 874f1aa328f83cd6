/** The card of a file that a rule closes: what was denied, by which rule, and what can be done (ux.md section 6). */
import { createSignal, For, type JSX, onMount, Show } from "solid-js";
import type { Denial } from "../../../bus/contracts/file-guard.ts";
import { useApp } from "../../app/app.ts";
import { knownFolders } from "../../app/known-folders.ts";
import { denialWords, explanation } from "../../state/denial.ts";
import { Icon } from "../shell/icon.tsx";
import "./denial.css";

export interface DenialCardProps {
  readonly denial: Denial;
  /** The view in which the person asked: `in the editor`. */
  readonly where: string;
  /** Called once the file is open. */
  readonly onOpened: (() => void) | undefined;
  /** With it the card has a button that closes it. */
  readonly onClose?: (() => void) | undefined;
  /** Names the card for what is around it. */
  readonly titleId?: string;
}

export function DenialCard(props: DenialCardProps): JSX.Element {
  const app = useApp();
  const [isExplained, setExplained] = createSignal(false);
  const words = () => denialWords(props.denial, knownFolders(app), props.where);
  const open = async () => {
    if (await app.denials.open(props.denial.path)) props.onOpened?.();
  };
  return (
    <div class="denial" data-testid="denial">
      <p class="denial-words">
        <Icon name="lock" size={16} />
        <span>
          <strong id={props.titleId}>{words().title}</strong> - {words().text}
        </span>
      </p>
      <Show when={isExplained()}>
        <Explained denial={props.denial} />
      </Show>
      <div class="denial-acts">
        <button
          type="button"
          class="link denial-explain"
          aria-expanded={isExplained()}
          onClick={() => setExplained(!isExplained())}
        >
          {isExplained() ? "Less" : "Explain"}
        </button>
        <Show when={props.denial.liftable}>
          <button type="button" onClick={() => void open()}>
            Open for me for 10 minutes
          </button>
        </Show>
        <Show when={props.onClose}>
          {(close) => (
            <button
              ref={(made) => onMount(() => made.focus())}
              type="button"
              class="primary"
              onClick={() => close()()}
            >
              Keep closed
            </button>
          )}
        </Show>
      </div>
    </div>
  );
}

function Explained(props: { denial: Denial }): JSX.Element {
  return (
    <>
      <dl class="denial-facts">
        <For each={explanation(props.denial)}>
          {([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          )}
        </For>
      </dl>
      <p class="denial-hint">
        The same in a terminal: <code>bulkhead guard check {quoted(props.denial.path)}</code>
      </p>
    </>
  );
}

function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
