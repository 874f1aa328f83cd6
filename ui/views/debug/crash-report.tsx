/** One crash report: what happened, the stack, the last lines, what was under way, and the way to its frames. */
import { For, type JSX, Show } from "solid-js";
import type { CrashReport } from "../../../bus/contracts/hub.ts";
import { printValue } from "../../../bus/filter/index.ts";
import { bytesWords, msWords, timeTooltip } from "../../state/traffic-words.ts";
import { duration } from "../../state/words.ts";
import { useDebug } from "./context.ts";
import { Spark } from "./spark.tsx";

export function CrashReportView(props: { report: CrashReport }): JSX.Element {
  const debug = useDebug();
  const head = () => props.report.head;
  const showFrames = async () => {
    await debug.traffic.addCrash(head().id, props.report.frames);
    debug.traffic.setFollowing("following");
    await debug.showTraffic(`crash = ${printValue(head().id)}`, "last");
  };
  return (
    <article class="crash-report" data-testid="crash-report">
      <h2>
        {head().process}: {head().reason}
      </h2>
      <p class="dim">
        {head().class}, incarnation {head().epoch}, {timeTooltip(head().atMs).slice(0, 23)}, after{" "}
        {duration(props.report.uptimeMs)}
      </p>
      <p class="crash-acts">
        <button
          type="button"
          class="primary"
          data-testid="crash-frames"
          disabled={props.report.frames.length === 0}
          onClick={() => void showFrames()}
        >
          {props.report.frames.length} frames before
        </button>
        <Show
          when={head().saved}
          fallback={<span class="crash-unsaved">not saved: {head().saveError}</span>}
        >
          <code class="crash-path" title={props.report.path}>
            {props.report.path}
          </code>
        </Show>
      </p>
      <h3>Stack</h3>
      <pre class="debug-lines" tabindex="0" aria-label="Stack">
        {props.report.stack === "" ? "none" : props.report.stack}
      </pre>
      <h3>Last lines it wrote</h3>
      <pre class="debug-lines" tabindex="0" aria-label="Last lines it wrote">
        {props.report.stderr.length === 0 ? "none" : props.report.stderr.join("\n")}
      </pre>
      <Waiting
        title="Calls under way"
        none="None"
        rows={props.report.callsInFlight.map((call) => ({ ...call, ms: call.ageMs }))}
      />
      <Waiting
        title="Mailbox"
        none="Empty"
        rows={props.report.mailbox.map((message) => ({ ...message, ms: message.waitedMs }))}
      />
      <Show when={props.report.memory.length > 1}>
        <h3>Memory</h3>
        <Spark
          values={props.report.memory.map(({ rssBytes }) => rssBytes)}
          width={360}
          height={48}
          label={`Memory before the end, last ${bytesWords(props.report.memory.at(-1)?.rssBytes ?? 0)}`}
        />
      </Show>
    </article>
  );
}

interface WaitingRow {
  readonly subject: string;
  readonly source: string;
  readonly ms: number;
}

function Waiting(props: { title: string; none: string; rows: readonly WaitingRow[] }): JSX.Element {
  return (
    <>
      <h3>{props.title}</h3>
      <Show when={props.rows.length > 0} fallback={<p class="dim">{props.none}</p>}>
        <table class="debug-small">
          <tbody>
            <For each={props.rows.slice(0, 100)}>
              {(row) => (
                <tr>
                  <td>{row.subject}</td>
                  <td class="dim">{row.source}</td>
                  <td class="is-number">{msWords(row.ms)} ms</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
    </>
  );
}
