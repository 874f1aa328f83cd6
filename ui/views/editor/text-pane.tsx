/** The text of a document in a tab: CodeMirror, tied to the tab, the settings and the document's signals. */
import type { DockviewPanelApi } from "dockview-core";
import { createEffect, createSignal, type JSX, on, onCleanup, onMount, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { messageOf } from "../../app/settings-store.ts";
import type { DocumentModel } from "../../editor/document-model.ts";
import { EditorPane } from "../../editor/editor-pane.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { DEFAULT_INDENTATION } from "../../state/indentation.ts";
import { baseName } from "../../state/words.ts";
import { createEditing } from "./editing.ts";
import { IndentationMenu } from "./indentation-menu.tsx";
import { LanguagePicker } from "./language-picker.tsx";

export interface TextPaneProps {
  readonly document: OpenDocument;
  readonly model: DocumentModel;
  readonly api: DockviewPanelApi;
}

export function TextPane(props: TextPaneProps): JSX.Element {
  const app = useApp();
  const [pane, setPane] = createSignal<EditorPane | undefined>(undefined);
  let parent: HTMLDivElement | undefined;
  const editing = createEditing({ app, pane, document: props.document, api: props.api });
  const open = (): void => {
    if (parent === undefined) return;
    const { document, model } = props;
    const made = new EditorPane({
      document,
      model,
      parent,
      label: `Text of ${baseName(document.path)}`,
      wrap: app.settings.values().wrap,
      indentation: DEFAULT_INDENTATION,
      onUpdate: editing.updated,
      onFailed: (error) =>
        app.toasts.show({
          tag: "editor act",
          level: "error",
          title: "That was not done.",
          text: messageOf(error),
        }),
    });
    setPane(made);
  };
  onMount(() => {
    open();
    // A text that came in pieces may have turned out to have very long lines.
    createEffect(
      on(props.document.phase, () => {
        const now = pane();
        if (now === undefined || !props.document.client.isLoaded || now.fitsText()) return;
        now.close();
        open();
      }),
    );
    editing.start();
  });
  onCleanup(() => {
    editing.end();
    pane()?.close();
  });
  return (
    <>
      <div
        class="editor-text"
        ref={(made) => {
          parent = made;
        }}
      />
      <Show when={editing.choosing() === "language"}>
        <LanguagePicker
          current={editing.language()}
          onPick={editing.pickLanguage}
          onClose={() => editing.choose(undefined)}
        />
      </Show>
      <Show when={editing.choosing() === "indentation"}>
        <IndentationMenu
          onPick={editing.pickIndentation}
          onClose={() => editing.choose(undefined)}
        />
      </Show>
    </>
  );
}
