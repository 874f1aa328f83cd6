/** All about one process: how it got where it is, what waits for it, what it said last. */
import { createEffect, createSignal, For, type JSX, on, onCleanup, Show } from "solid-js";
import type * as v from "valibot";
import { type ProcessRow, processDetail } from "../../../bus/contracts/hub.ts";
import { useApp } from "../../app/app.ts";
import type { EditMeter } from "../../app/editor-store.ts";
import { LAMPS, lampWord } from "../../state/lamp.ts";
import { bytesWords, msWords, timeWords } from "../../state/traffic-words.ts";
import { counted } from "../../state/words.ts";
import { Lamp } from "../shell/lamp.tsx";
import { useDebug } from "./context.ts";
import { DetailPane } from "./detail-pane.tsx";
import { Spark } from "./spark.tsx";

type Detail = v.InferOutput<typeof processDetail.output>;

const RENEW_MS = 1_000;

export function ProcessDetail(props: {
  row: ProcessRow;
  isOver: boolean;
  onClose: () => void;
}): JSX.Element {
  const app = useApp();
  const debug = useDebug();
  const [detail, problem] = createDetail(() => props.row.name);
  return (
    <DetailPane
      label={`Details of ${props.row.name}`}
      testid="process-detail"
      isOver={props.isOver}
      onClose={props.onClose}
      head={
        <>
          <Lamp state={props.row.state} />
          <strong>{props.row.name}</strong>
          <span class="dim">{lampWord(props.row, app.processes.nowMs())}</span>
        </>
      }
    >
      <Show when={problem() !== ""}>
        <p class="debug-problem">{problem()}</p>
      </Show>
      <dl class="facts">
        <dt>Sandbox</dt>
        <dd>{props.row.sandbox === "" ? "not told" : props.row.sandbox}</dd>
        <dt>Last reason</dt>
        <dd>{props.row.reason === "" ? "never ended" : props.row.reason}</dd>
        <dt>Policy</dt>
        <dd>{policyWords(detail())}</dd>
        <Show when={props.row.name === "editor-sync"}>
          <dt>Edits</dt>
          <dd data-testid="edit-meter">{editWords(app.editors.edits())}</dd>
        </Show>
      </dl>
      <h2>Memory</h2>
      <Show when={debug.memory.of(props.row).length > 0} fallback={<p class="dim">Not measured</p>}>
        <Spark
          values={debug.memory.of(props.row)}
          width={360}
          height={48}
          label={`Resident memory of ${props.row.name} since the panel was opened`}
        />
        <p class="dim">
          {bytesWords(props.row.rssBytes ?? 0)} resident now; curve since the panel was opened, at
          most 5 min
        </p>
      </Show>
      <Moves detail={detail()} />
      <Mailbox detail={detail()} />
      <h2>Last lines it wrote</h2>
      <Show when={(detail()?.stderr.length ?? 0) > 0} fallback={<p class="dim">None</p>}>
        <pre class="debug-lines" tabindex="0" aria-label="Last lines it wrote">
          {detail()?.stderr.join("\n")}
        </pre>
      </Show>
      <button
        type="button"
        onClick={() => void debug.showTraffic(`process = ${props.row.name}`, "none")}
      >
        Show its traffic
      </button>
    </DetailPane>
  );
}

/** What an edit costs: only what was changed crosses the wire. */
function editWords({ edits, bytes }: EditMeter): string {
  if (edits === 0) return "none in this page yet";
  return `${counted(edits, "edit")} in this page, ${Math.round(bytes / edits)} B each, there and back`;
}

/** Renewed once a second while it is shown. */
function createDetail(name: () => string): readonly [() => Detail | undefined, () => string] {
  const { connection } = useApp();
  const [detail, setDetail] = createSignal<Detail | undefined>(undefined);
  const [problem, setProblem] = createSignal("");
  let wanted = "";
  const load = async () => {
    const asked = wanted;
    try {
      const answer = await connection.request(processDetail, { name: asked }, { timeoutMs: 3_000 });
      if (asked !== wanted) return;
      setDetail(answer);
      setProblem("");
    } catch (error) {
      if (asked === wanted) setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  createEffect(
    on(name, (next) => {
      wanted = next;
      setDetail(undefined);
      void load();
    }),
  );
  const timer = setInterval(() => void load(), RENEW_MS);
  onCleanup(() => clearInterval(timer));
  return [detail, problem];
}

function Moves(props: { detail: Detail | undefined }): JSX.Element {
  return (
    <>
      <h2>Last moves</h2>
      <Show when={(props.detail?.moves.length ?? 0) > 0} fallback={<p class="dim">None yet</p>}>
        <table class="debug-small">
          <tbody>
            <For each={props.detail?.moves}>
              {(move) => (
                <tr>
                  <td class="dim">{timeWords(move.atMs)}</td>
                  <td>
                    {LAMPS[move.from].word} to <strong>{LAMPS[move.to].word}</strong>
                  </td>
                  <td class="dim">{move.why}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
    </>
  );
}

function Mailbox(props: { detail: Detail | undefined }): JSX.Element {
  return (
    <>
      <h2>Mailbox</h2>
      <Show when={(props.detail?.mailbox.length ?? 0) > 0} fallback={<p class="dim">Empty</p>}>
        <table class="debug-small">
          <tbody>
            <For each={props.detail?.mailbox}>
              {(message) => (
                <tr>
                  <td>{message.subject}</td>
                  <td class="dim">{message.source}</td>
                  <td class="is-number">{bytesWords(message.bytes)}</td>
                  <td class="is-number">{msWords(message.waitedMs)} ms</td>
                  <td>{message.fate}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
    </>
  );
}

function policyWords(detail: Detail | undefined): string {
  if (detail === undefined) return "";
  const words = {
    permanent: "restarted always",
    transient: "restarted after a failure",
    temporary: "never restarted",
  };
  const { restart, dependsOn } = detail.policy;
  return dependsOn.length === 0
    ? words[restart]
    : `${words[restart]}; needs ${dependsOn.join(", ")}`;
}
