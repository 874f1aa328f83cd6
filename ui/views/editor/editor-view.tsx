/** One editor tab: what is the matter above, the text or what stands for it below. */
import { createMemo, createSignal, type JSX, Match, onCleanup, Show, Switch } from "solid-js";
import { useApp } from "../../app/app.ts";
import { holdDocument } from "../../app/document-store.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { baseName } from "../../state/words.ts";
import type { PanelProps } from "../dock/solid-panel.ts";
import { ProcessBanner } from "../shell/process-banner.tsx";
import { BinaryPane } from "./binary-pane.tsx";
import "./editor.css";
import { EditorBanners } from "./editor-banners.tsx";
import { FailedPane } from "./failed-pane.tsx";
import { ImagePane, isImage, isTextImage } from "./image-pane.tsx";
import { LargePane } from "./large-pane.tsx";
import { LoadingLine } from "./loading-line.tsx";
import { MergedStrip, ProposalStrip } from "./strips.tsx";
import { TextPane } from "./text-pane.tsx";

/** What is drawn for a document. */
type Kind = "nothing" | "failed" | "text" | "image" | "binary" | "large";

export function EditorView(props: PanelProps): JSX.Element {
  const app = useApp();
  const path = props.params().path ?? "";
  const { document, release } = holdDocument(app, path);
  onCleanup(release);
  const [asText, setAsText] = createSignal(!isTextImage(path));
  const kind = createMemo(() => kindOf(document, asText() ? "text" : "image"));
  const size = () => app.settings.values().fontSize;
  return (
    <section
      class="editor-view"
      aria-label={`Editor, ${baseName(path)}`}
      data-testid="editor"
      data-path={path}
      data-phase={document.phase()}
      data-acknowledged={document.isAcknowledged()}
      data-keys={app.settings.values().vim ? "own" : undefined}
      style={{
        "--editor-size": `${size()}px`,
        "--editor-line": `${Math.round((size() * 20) / 13)}px`,
      }}
    >
      <ProcessBanner process="editor-sync" />
      <EditorBanners document={document} panel={props.api.id} />
      <MergedStrip document={document} panel={props.api.id} />
      <ProposalStrip document={document} panel={props.api.id} />
      <div class="editor-body">
        <LoadingLine document={document} />
        <Switch>
          <Match when={kind() === "failed"}>
            <FailedPane document={document} />
          </Match>
          <Match when={kind() === "image"}>
            <ImagePane
              path={path}
              api={props.api}
              onText={isTextImage(path) ? () => setAsText(true) : undefined}
            />
          </Match>
          <Match when={kind() === "large"}>
            <LargePane document={document} api={props.api} />
          </Match>
          <Match when={kind() === "binary"}>
            <BinaryPane document={document} api={props.api} />
          </Match>
          <Match when={kind() === "text"}>
            <Show when={document.model()} keyed>
              {(model) => <TextPane document={document} model={model} api={props.api} />}
            </Show>
          </Match>
        </Switch>
      </div>
    </section>
  );
}

function kindOf(document: OpenDocument, textImage: "text" | "image"): Kind {
  const facts = document.facts();
  const hasText = document.model() !== undefined;
  if (document.phase() === "failed" && !hasText && facts === undefined) return "failed";
  if (facts === undefined) return "nothing";
  const why = facts.why?.code;
  if (isImage(document.path) && (why === "binary" || textImage === "image")) return "image";
  if (why === "binary") return "binary";
  if (why === "large" || why === "long-line") return "large";
  return "text";
}
