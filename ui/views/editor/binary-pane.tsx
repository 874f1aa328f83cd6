/** A file that holds no text: why, and its bytes. */
import type { DockviewPanelApi } from "dockview-core";
import { type JSX, onCleanup } from "solid-js";
import { read } from "../../../bus/contracts/file-guard.ts";
import { useApp } from "../../app/app.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { hexRow } from "../../state/hex-row.ts";
import { baseName, size } from "../../state/words.ts";
import { PagedRows } from "./paged-rows.tsx";
import { plainHandle } from "./plain-handle.ts";
import { takesKeys } from "./takes-keys.ts";

const ROW_BYTES = 16;
const PAGE_ROWS = 256;

export function BinaryPane(props: { document: OpenDocument; api: DockviewPanelApi }): JSX.Element {
  const app = useApp();
  const bytes = () => props.document.facts()?.bytes ?? 0;
  const fetch = async (page: number) => {
    const answer = await app.connection.request(read, {
      path: props.document.path,
      offset: page * PAGE_ROWS * ROW_BYTES,
      length: PAGE_ROWS * ROW_BYTES,
    });
    const rows = Math.ceil(answer.bytes.length / ROW_BYTES);
    return Array.from({ length: rows }, (_, row) =>
      hexRow(answer.bytes.subarray(row * ROW_BYTES, (row + 1) * ROW_BYTES)),
    );
  };
  onCleanup(() => app.dock()?.withdrawEditor(props.api.id));
  return (
    <div class="editor-binary">
      <p class="editor-note" role="status">
        {props.document.facts()?.why?.says ?? "This file holds no text."} {size(bytes())}, shown as
        bytes.
      </p>
      <PagedRows
        label={`Bytes of ${baseName(props.document.path)}`}
        count={Math.max(1, Math.ceil(bytes() / ROW_BYTES))}
        pageRows={PAGE_ROWS}
        fetch={fetch}
        number={(row) => (row * ROW_BYTES).toString(16).padStart(8, "0")}
        onReady={(reveal, focus) => {
          const handle = plainHandle({
            app,
            path: props.document.path,
            focus,
            reveal: (line) => reveal(Math.max(0, line - 1)),
            format: () => "binary",
          });
          app.dock()?.offerEditor(props.api.id, handle);
          if (takesKeys(app, props.api)) handle.focus();
        }}
      />
    </div>
  );
}
