/** A decoded payload as a tree: objects and arrays open and close, texts are shown whole up to a bound. */
import { For, type JSX, Show } from "solid-js";

const ENTRIES_MAX = 200;
const TEXT_MAX = 2_000;
const DEPTH_OPEN = 2;

export function ValueTree(props: { value: unknown }): JSX.Element {
  return (
    <div class="value-tree" data-testid="payload-tree">
      <Value value={props.value} depth={0} />
    </div>
  );
}

function Value(props: { value: unknown; depth: number }): JSX.Element {
  const entries = () => entriesOf(props.value);
  return (
    <Show when={entries()} fallback={<Scalar value={props.value} />}>
      {(parts) => (
        <Show when={parts().length > 0} fallback={<span class="dim">{summary(props.value)}</span>}>
          <details open={props.depth < DEPTH_OPEN}>
            <summary class="dim">{summary(props.value)}</summary>
            <ul>
              <For each={parts().slice(0, ENTRIES_MAX)}>
                {([key, value]) => (
                  <li>
                    <span class="value-key">{key}</span>{" "}
                    <Value value={value} depth={props.depth + 1} />
                  </li>
                )}
              </For>
              <Show when={parts().length > ENTRIES_MAX}>
                <li class="dim">and {parts().length - ENTRIES_MAX} more</li>
              </Show>
            </ul>
          </details>
        </Show>
      )}
    </Show>
  );
}

function Scalar(props: { value: unknown }): JSX.Element {
  return <span class={`value value-${typeof props.value}`}>{scalarWords(props.value)}</span>;
}

function entriesOf(value: unknown): ReadonlyArray<readonly [string, unknown]> | undefined {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
  return Object.entries(value);
}

function summary(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  return `{${typeof value === "object" && value !== null ? Object.keys(value).length : 0}}`;
}

function scalarWords(value: unknown): string {
  if (value === undefined || value === null) return "nil";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value !== "string") return String(value);
  return value.length > TEXT_MAX
    ? `${JSON.stringify(value.slice(0, TEXT_MAX))} and ${value.length - TEXT_MAX} more`
    : JSON.stringify(value);
}
