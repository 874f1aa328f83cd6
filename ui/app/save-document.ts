/** Saving a document: what .editorconfig asks for is done first, and what stands in the way is told. */
import { ChangeSet, type ChangeSpec, type Text } from "@codemirror/state";
import type { OpenDocument } from "../editor/open-document.ts";
import type { EditorRules } from "../state/editor-config.ts";
import { baseName } from "../state/words.ts";
import type { App } from "./app.ts";
import { rulesOf } from "./editor-rules.ts";
import { messageOf } from "./settings-store.ts";

/** Resolves when it is saved or not; both are told. */
export async function saveDocument(app: App, document: OpenDocument): Promise<void> {
  const rules = await rulesOf(app, document.path);
  const { model } = document.client;
  if (model !== undefined && document.isEditable) {
    const changes = tidied(model.text, rules);
    if (!changes.empty) model.edit(changes, "format.save");
  }
  const name = baseName(document.path);
  const end = await document.save({ mayCreate: document.state()?.disk === "deleted" });
  switch (end) {
    case "saved":
    case "nothing":
      return;
    case "changed":
      return tell(
        app,
        name,
        "It changed on disk meanwhile. That is merged now; look and save again.",
      );
    case "conflicts":
      app.run("editor.next-change");
      return tell(app, name, "The disk changed the same lines: settle the conflicts first.");
    case "deleted":
      return tell(app, name, "It was deleted on disk. Save again to make it anew.");
    case "failed":
      return tell(app, name, messageOf(document.saveError()));
  }
}

/** What `.editorconfig` wants of a text that is saved. */
export function tidied(text: Text, rules: EditorRules): ChangeSet {
  const changes: ChangeSpec[] = [];
  if (rules.trimTrailingWhitespace === true) {
    for (let at = 0, iterator = text.iterLines(); !iterator.next().done; ) {
      const line = iterator.value;
      const kept = line.trimEnd().length;
      if (kept < line.length) changes.push({ from: at + kept, to: at + line.length });
      at += line.length + 1;
    }
  }
  const isEmpty = text.length === 0;
  const endsWell = text.line(text.lines).length === 0;
  if (rules.insertFinalNewline === true && !isEmpty && !endsWell)
    changes.push({ from: text.length, insert: "\n" });
  return ChangeSet.of(changes, text.length);
}

function tell(app: App, name: string, text: string): void {
  app.toasts.show({ tag: `save ${name}`, level: "warn", title: `${name} was not saved.`, text });
}
