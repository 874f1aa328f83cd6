/** A file beside what is on disk: what is not saved, and what an earlier life of the actor kept. */
import { Text } from "@codemirror/state";
import type { DockviewPanelApi } from "dockview-core";
import { createEffect, createSignal, type JSX, on, onCleanup, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { holdDocument, readVersion } from "../../app/document-store.ts";
import { messageOf } from "../../app/settings-store.ts";
import { describeLanguage } from "../../editor/languages.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { TextDiff } from "../../editor/text-diff.ts";
import { baseName } from "../../state/words.ts";
import { createElementSize } from "../debug/element-size.ts";
import type { PanelProps } from "../dock/solid-panel.ts";
import "./editor.css";
import { plainHandle } from "./plain-handle.ts";

/** Below this the texts lie one over the other, pixels. */
const BESIDE_PX = 800;
/** Edits within this time are compared once, milliseconds. */
const SETTLE_MS = 300;

export function CompareView(props: PanelProps): JSX.Element {
  const app = useApp();
  const path = props.params().path ?? "";
  const { document, release } = holdDocument(app, path);
  onCleanup(release);
  const size = createElementSize();
  const [disk, setDisk] = createSignal<Text | undefined>(undefined);
  const [failure, setFailure] = createSignal<unknown>(undefined);
  const [isSame, setSame] = createSignal(false);
  let parent: HTMLElement | undefined;
  let diff: TextDiff | undefined;
  const layout = () => (size.width() < BESIDE_PX ? "over" : "beside");
  const refetch = () => {
    const id = document.facts()?.document;
    if (id === undefined) return;
    readVersion(app.connection, { document: id, side: "disk" }).then(
      (text) => setDisk(Text.of(text.split("\n"))),
      (error: unknown) => setFailure(() => error),
    );
  };
  createEffect(on([document.facts, document.saved], refetch));
  const draw = (): void => {
    const before = disk();
    const after = document.client.model?.text;
    if (before === undefined || after === undefined || parent === undefined) return;
    diff?.close();
    setSame(before.eq(after));
    diff = new TextDiff({
      parent,
      before,
      after,
      labels: { before: `${baseName(path)} on disk`, after: `${baseName(path)} here` },
      language: describeLanguage(path, after.line(1).text),
      layout: layout(),
    });
  };
  let settling: ReturnType<typeof setTimeout> | undefined;
  createEffect(on([disk, layout, document.model], draw));
  createEffect(() => {
    const end = document.model()?.onChange(() => {
      clearTimeout(settling);
      settling = setTimeout(draw, SETTLE_MS);
    });
    if (end !== undefined) onCleanup(end);
  });
  offerHandle({ document, api: props.api, diff: () => diff });
  onCleanup(() => {
    clearTimeout(settling);
    diff?.close();
  });
  return (
    <section
      class="compare-view"
      aria-label={`Changes of ${baseName(path)}`}
      data-testid="compare"
      ref={size.observe}
    >
      <p class="editor-note" role="status">
        <Show
          when={failure()}
          fallback={
            isSame() ? "The text is as it is on disk." : "On disk, and here with what is not saved."
          }
        >
          {(error) => <>The file on disk cannot be read: {messageOf(error())}</>}
        </Show>
      </p>
      <div
        class="editor-body compare-body"
        ref={(made) => {
          parent = made;
        }}
      />
    </section>
  );
}

function offerHandle(options: {
  document: OpenDocument;
  api: DockviewPanelApi;
  diff: () => TextDiff | undefined;
}): void {
  const app = useApp();
  const { document, api, diff } = options;
  const plain = plainHandle({
    app,
    path: document.path,
    focus: () => diff()?.view?.focus(),
    reveal: () => undefined,
    format: () => "",
  });
  app.dock()?.offerEditor(api.id, {
    ...plain,
    run(act) {
      if (act === "next-change") diff()?.step(1);
      if (act === "previous-change") diff()?.step(-1);
    },
    status: () => undefined,
  });
  onCleanup(() => app.dock()?.withdrawEditor(api.id));
}
