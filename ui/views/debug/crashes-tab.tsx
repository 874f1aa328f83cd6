/** Crash reports: the list, and the report of the selected one. */
import { createResource, For, type JSX, Show } from "solid-js";
import type { CrashHead } from "../../../bus/contracts/hub.ts";
import { timeTooltip } from "../../state/traffic-words.ts";
import { useDebug } from "./context.ts";
import { CrashReportView } from "./crash-report.tsx";
import "./crashes.css";

export function CrashesTab(): JSX.Element {
  const { crashes, setTab } = useDebug();
  const selected = () => crashes.selected() ?? crashes.heads()[0]?.id;
  const [report] = createResource(selected, async (id) => {
    try {
      return { report: await crashes.report(id), problem: "" };
    } catch (error) {
      return { report: undefined, problem: error instanceof Error ? error.message : String(error) };
    }
  });
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const heads = crashes.heads();
    const next = heads[heads.findIndex(({ id }) => id === selected()) + step];
    if (next !== undefined) crashes.select(next.id);
  };
  return (
    <div class="crashes">
      <Show
        when={crashes.heads().length > 0}
        fallback={
          <p class="debug-empty" data-testid="crashes-empty">
            {crashes.problem() === "" ? "No crash yet. Try one: " : `${crashes.problem()} `}
            <button type="button" class="link" onClick={() => setTab("processes")}>
              Kill in Processes
            </button>
          </p>
        }
      >
        <div
          class="crashes-list"
          role="listbox"
          tabindex="0"
          aria-label="Crash reports"
          onKeyDown={move}
        >
          <For each={crashes.heads()}>
            {(head) => (
              <CrashLine
                head={head}
                isSelected={head.id === selected()}
                onSelect={() => crashes.select(head.id)}
              />
            )}
          </For>
        </div>
        <div class="crashes-report">
          <Show when={report.latest?.problem}>
            {(problem) => <p class="debug-problem">{problem()}</p>}
          </Show>
          <Show when={report.latest?.report}>
            {(shown) => <CrashReportView report={shown()} />}
          </Show>
        </div>
      </Show>
    </div>
  );
}

function CrashLine(props: {
  head: CrashHead;
  isSelected: boolean;
  onSelect: () => void;
}): JSX.Element {
  return (
    <div
      class="crash-line"
      classList={{ "is-selected": props.isSelected }}
      role="option"
      aria-selected={props.isSelected}
      tabindex="-1"
      data-testid={`crash-${props.head.id}`}
      onClick={() => props.onSelect()}
    >
      <span class="crash-name">
        {props.head.process} <span class="crash-class">{props.head.class}</span>
      </span>
      <span class="crash-reason">{props.head.reason}</span>
      <span class="dim">{timeTooltip(props.head.atMs).slice(0, 19)}</span>
      <Show when={!props.head.saved}>
        <span class="crash-unsaved">not saved: {props.head.saveError}</span>
      </Show>
    </div>
  );
}
