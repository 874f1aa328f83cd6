/** The selected row in full: its frame, its payload decoded, its bytes. Payloads are fetched when they are looked at. */
import { createResource, createSignal, For, type JSX, Match, Show, Switch } from "solid-js";
import { recordContents } from "../../../bus/contracts/hub.ts";
import { useApp } from "../../app/app.ts";
import type { TrafficRow } from "../../state/traffic-row.ts";
import {
  bytesWords,
  methodWords,
  msWords,
  resultWords,
  timeTooltip,
  timeWords,
} from "../../state/traffic-words.ts";
import { DetailPane } from "./detail-pane.tsx";
import { HexView } from "./hex-view.tsx";
import { fetchPayload, type Payload } from "./payload.ts";
import { ValueTree } from "./value-tree.tsx";

type DetailTab = "frame" | "payload" | "hex";
const TABS: ReadonlyArray<{ readonly id: DetailTab; readonly label: string }> = [
  { id: "frame", label: "Frame" },
  { id: "payload", label: "Payload" },
  { id: "hex", label: "Hex" },
];
const CONTENTS_SECONDS = 300;

export function TrafficDetail(props: {
  row: TrafficRow;
  isOver: boolean;
  onClose: () => void;
}): JSX.Element {
  const [tab, setTab] = createSignal<DetailTab>("payload");
  return (
    <DetailPane
      label="Details of the selected row"
      testid="traffic-detail"
      isOver={props.isOver}
      onClose={props.onClose}
      head={
        <div class="debug-tabs" role="tablist" aria-label="Details">
          <For each={TABS}>
            {({ id, label }) => (
              <button
                type="button"
                role="tab"
                class="debug-tab inset"
                aria-selected={tab() === id}
                tabindex={tab() === id ? 0 : -1}
                data-testid={`detail-${id}`}
                onClick={() => setTab(id)}
                onKeyDown={(event) => stepTab(event, id, setTab)}
              >
                {label}
              </button>
            )}
          </For>
        </div>
      }
    >
      <Switch>
        <Match when={tab() === "frame"}>
          <FrameFacts row={props.row} />
        </Match>
        <Match when={tab() !== "frame"}>
          <Payloads row={props.row} as={tab() === "hex" ? "hex" : "tree"} />
        </Match>
      </Switch>
    </DetailPane>
  );
}

function stepTab(event: KeyboardEvent, id: DetailTab, setTab: (tab: DetailTab) => void): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  const next = TABS[(TABS.findIndex((each) => each.id === id) + step + TABS.length) % TABS.length];
  if (step === 0 || next === undefined) return;
  event.preventDefault();
  setTab(next.id);
  const list =
    event.currentTarget instanceof HTMLElement ? event.currentTarget.parentElement : null;
  list?.querySelector<HTMLElement>(`[data-testid=detail-${next.id}]`)?.focus();
}

function FrameFacts(props: { row: TrafficRow }): JSX.Element {
  const facts = (): ReadonlyArray<readonly [string, string]> => {
    const { row } = props;
    const ms = (value: number | null) => (value === null ? "not known" : `${msWords(value)} ms`);
    return [
      ["Method", methodWords(row)],
      ["Kind", row.kind],
      ["Time", timeTooltip(row.atMs)],
      ["From", row.source],
      ["To", row.destination === "" ? "nobody" : row.destination],
      ["Result", `${resultWords(row)} (${row.status})`],
      ["Sent", bytesWords(row.sentBytes)],
      ["Back", bytesWords(row.backBytes)],
      ["Wait", ms(row.waitMs)],
      ["Work", ms(row.workMs)],
      ["Total", ms(row.totalMs)],
      ["Number", String(row.correlation)],
      ["Incarnation", String(row.epoch)],
      ["Lane", row.lane],
      ["Trace", row.trace === "" ? "none" : row.trace],
      [
        "Record",
        row.answerRecord === 0 ? String(row.record) : `${row.record}, answer ${row.answerRecord}`,
      ],
    ];
  };
  return (
    <dl class="facts facts-mono">
      <For each={facts()}>
        {([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        )}
      </For>
    </dl>
  );
}

function Payloads(props: { row: TrafficRow; as: "tree" | "hex" }): JSX.Element {
  const isCall = () => props.row.type === "call" || props.row.type === "stream";
  return (
    <>
      <PayloadPart
        row={props.row}
        record={props.row.record}
        title={isCall() ? "Sent" : "Payload"}
        as={props.as}
      />
      <Show when={props.row.answerRecord !== 0}>
        <PayloadPart row={props.row} record={props.row.answerRecord} title="Back" as={props.as} />
      </Show>
    </>
  );
}

function PayloadPart(props: {
  row: TrafficRow;
  record: number;
  title: string;
  as: "tree" | "hex";
}): JSX.Element {
  const { connection } = useApp();
  const [payload] = createResource(
    () => ({ record: props.record, hubEpoch: props.row.hubEpoch, mask: props.row.mask }),
    (asked) => fetchPayload(connection, asked),
  );
  return (
    <section class="payload">
      <h2>{props.title}</h2>
      <Show when={payload.latest} fallback={<p class="dim">Reading</p>}>
        {(shown) => <PayloadView payload={shown()} as={props.as} />}
      </Show>
    </section>
  );
}

function PayloadView(props: { payload: Payload; as: "tree" | "hex" }): JSX.Element {
  const bytes = () =>
    props.payload.type === "value" || props.payload.type === "bytes"
      ? props.payload.bytes
      : undefined;
  return (
    <Switch>
      <Match when={props.payload.type === "none" ? props.payload : undefined}>
        {(none) => (
          <>
            <p class="dim">{none().why}</p>
            <Show when={none().canRecord}>
              <RecordContents />
            </Show>
          </>
        )}
      </Match>
      <Match when={props.as === "hex" ? bytes() : undefined}>
        {(shown) => <HexView bytes={shown()} />}
      </Match>
      <Match when={props.payload.type === "value" ? props.payload : undefined}>
        {(value) => <ValueTree value={value().value} />}
      </Match>
      <Match when={props.payload.type === "bytes" ? props.payload : undefined}>
        {(raw) => (
          <>
            <p class="dim">{raw().why}</p>
            <HexView bytes={raw().bytes} />
          </>
        )}
      </Match>
    </Switch>
  );
}

function RecordContents(): JSX.Element {
  const { connection } = useApp();
  const [says, setSays] = createSignal("");
  const record = async () => {
    try {
      const { untilMs } = await connection.request(recordContents, { seconds: CONTENTS_SECONDS });
      setSays(`Contents are recorded until ${timeWords(untilMs).slice(0, 8)}.`);
    } catch (error) {
      setSays(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Show when={says() === ""} fallback={<p role="status">{says()}</p>}>
      <button type="button" data-testid="record-contents" onClick={() => void record()}>
        Record contents for 5 minutes
      </button>
    </Show>
  );
}
