/** A file too large, or with lines too long, to edit: read by ranges, never whole. */
import type { DockviewPanelApi } from "dockview-core";
import { createSignal, type JSX, onCleanup, Show } from "solid-js";
import { lines as linesMethod } from "../../../bus/contracts/editor-sync.ts";
import { useApp } from "../../app/app.ts";
import type { EditorHandle } from "../../app/dock.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { baseName } from "../../state/words.ts";
import { formatWords } from "./editor-status.ts";
import { PagedRows } from "./paged-rows.tsx";
import { plainHandle } from "./plain-handle.ts";
import { takesKeys } from "./takes-keys.ts";

const PAGE_ROWS = 200;
const CUT_MARK = " ... (the rest of this line is not shown)";

export function LargePane(props: { document: OpenDocument; api: DockviewPanelApi }): JSX.Element {
  const app = useApp();
  const [counted, setCounted] = createSignal(0);
  const count = () =>
    Math.max(
      counted(),
      props.document.counted()?.lines ?? 0,
      props.document.facts()?.lines ?? 0,
      1,
    );
  const fetchLines = async (from: number, many: number) => {
    const document = props.document.facts()?.document ?? "";
    const answer = await app.connection.request(linesMethod, { document, from, count: many });
    setCounted(answer.counted);
    return answer.lines.map(({ text, isCut }) => (isCut ? text + CUT_MARK : text));
  };
  /** A line that is not counted yet is answered as soon as it is. */
  const goTo = async (row: number, reveal: (row: number) => void) => {
    await fetchLines(row, 1).catch(() => undefined);
    reveal(Math.min(row, count() - 1));
  };
  const offer = (reveal: (row: number) => void, focus: () => void) => {
    const handle: EditorHandle = plainHandle({
      app,
      path: props.document.path,
      focus,
      reveal: (line) => void goTo(Math.max(0, line - 1), reveal),
      format: () => {
        const facts = props.document.facts();
        return facts === undefined ? "" : formatWords(facts.format);
      },
    });
    app.dock()?.offerEditor(props.api.id, handle);
    if (takesKeys(app, props.api)) handle.focus();
    const wanted = app.dock()?.takeReveal(props.api.id);
    if (wanted !== undefined) handle.reveal(wanted.line, wanted.column);
  };
  onCleanup(() => app.dock()?.withdrawEditor(props.api.id));
  return (
    <Show when={props.document.facts()?.document} keyed>
      <PagedRows
        label={`Lines of ${baseName(props.document.path)}, read only`}
        count={count()}
        pageRows={PAGE_ROWS}
        fetch={(page) => fetchLines(page * PAGE_ROWS, PAGE_ROWS)}
        number={(row) => String(row + 1)}
        onReady={offer}
      />
    </Show>
  );
}
