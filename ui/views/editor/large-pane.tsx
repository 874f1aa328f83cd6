/** A file too large, or with lines too long, to edit: read by ranges, never whole. */
import type { DockviewPanelApi } from "dockview-core";
import { createSignal, type JSX, onCleanup, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { EditorHandle } from "../../app/dock.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { baseName } from "../../state/words.ts";
import { formatWords } from "./editor-status.ts";
import { createLargeLines } from "./large-lines.ts";
import { LargeSearch } from "./large-search.tsx";
import { PagedRows } from "./paged-rows.tsx";
import { plainHandle } from "./plain-handle.ts";
import { takesKeys } from "./takes-keys.ts";

const PAGE_ROWS = 200;
/** Lines that stay in view above one that was found. */
const LINES_ABOVE = 4;

export function LargePane(props: { document: OpenDocument; api: DockviewPanelApi }): JSX.Element {
  const app = useApp();
  const lines = createLargeLines(props.document, app.connection);
  const [isFinding, setFinding] = createSignal(false);
  const [looked, setLooked] = createSignal<number>();
  let go: (row: number) => void = () => undefined;
  let focusRows: () => void = () => undefined;
  const offer = (reveal: (row: number) => void, focus: () => void) => {
    go = (row) => void lines.counted(Math.max(0, row)).then(reveal);
    focusRows = focus;
    const handle: EditorHandle = plainHandle({
      app,
      path: props.document.path,
      focus,
      find: () => {
        setFinding(false);
        setFinding(true);
      },
      reveal: (line) => go(line - 1),
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
      <Show when={isFinding()}>
        <LargeSearch
          path={props.document.path}
          from={looked() ?? 0}
          onFound={(line) => {
            setLooked(line);
            go(line - LINES_ABOVE);
          }}
          onClose={() => {
            setFinding(false);
            focusRows();
          }}
        />
      </Show>
      <PagedRows
        marked={looked()}
        label={`Lines of ${baseName(props.document.path)}, read only`}
        count={lines.count()}
        pageRows={PAGE_ROWS}
        fetch={(page) => lines.fetch(page * PAGE_ROWS, PAGE_ROWS)}
        number={(row) => String(row + 1)}
        onReady={offer}
      />
    </Show>
  );
}
