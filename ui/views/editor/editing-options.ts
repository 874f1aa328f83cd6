/** What the parts around one editor are given. */
import type { DockviewPanelApi } from "dockview-core";
import type { Accessor } from "solid-js";
import type { App } from "../../app/app.ts";
import type { EditorPane } from "../../editor/editor-pane.ts";
import type { OpenDocument } from "../../editor/open-document.ts";

export interface EditingOptions {
  readonly app: App;
  readonly pane: Accessor<EditorPane | undefined>;
  readonly document: OpenDocument;
  readonly api: DockviewPanelApi;
}

export type Choosing = "language" | "indentation";
