/** What is the matter with a document: one banner, the worst wins, and how many more there are. */
import { type JSX, Show } from "solid-js";
import { type App, useApp } from "../../app/app.ts";
import { denialIn } from "../../app/denial-store.ts";
import { openFile } from "../../app/open-place.ts";
import { saveDocument } from "../../app/save-document.ts";
import { messageOf } from "../../app/settings-store.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import type { BannerTone } from "../../state/banners.ts";
import { baseName } from "../../state/words.ts";
import { Banner, type BannerAct } from "../shell/banner.tsx";

interface Matter {
  readonly tone: BannerTone;
  readonly title: string;
  readonly text: string;
  readonly acts: readonly BannerAct[];
}

const TONES: readonly BannerTone[] = ["error", "warn", "info"];

export function EditorBanners(props: { document: OpenDocument; panel: string }): JSX.Element {
  const app = useApp();
  const sorted = () =>
    mattersOf(app, props.document, props.panel).sort(
      (a, b) => TONES.indexOf(a.tone) - TONES.indexOf(b.tone),
    );
  return (
    <Show when={sorted()[0]}>
      {(worst) => (
        <Banner
          banner={{ ...worst(), acts: [] }}
          more={sorted().length - 1}
          acts={worst().acts}
          testid="editor-banner"
        />
      )}
    </Show>
  );
}

function mattersOf(app: App, document: OpenDocument, panel: string): Matter[] {
  const name = baseName(document.path);
  return [
    lostTouch(document, name),
    notTaken(document),
    notSaved(app, document, name),
    ofTheDisk(app, document, { name, panel }),
    renamed(app, document, { name, panel }),
    readOnly(document),
    restored(app, document),
    unkept(document, name),
  ].filter((matter) => matter !== undefined);
}

function lostTouch(document: OpenDocument, name: string): Matter | undefined {
  if (document.phase() !== "failed" || document.facts() === undefined) return undefined;
  return {
    tone: "error",
    title: `${name} is not followed any more.`,
    text: `The text stays; it cannot be saved. ${messageOf(document.error())}`,
    acts: [{ label: "Try again", run: () => document.client.retry() }],
  };
}

function notTaken(document: OpenDocument): Matter | undefined {
  const refusal = document.refusal();
  if (refusal === undefined) return undefined;
  return {
    tone: "error",
    title: "Edits are not kept.",
    text: `They are in this window only. ${refusal.message}`,
    acts: [{ label: "Try again", run: () => document.client.pushAgain() }],
  };
}

function notSaved(app: App, document: OpenDocument, name: string): Matter | undefined {
  const error = document.saveError();
  if (error === undefined) return undefined;
  const save = (): void => void saveDocument(app, document);
  return {
    tone: "error",
    title: `${name} was not saved.`,
    text: messageOf(error),
    acts: [{ label: "Try again", run: save }, ...opening(app, error, save)],
  };
}

/** For a file that a rule keeps from being written: why, and how the person opens it to themselves. */
function opening(app: App, error: unknown, then: () => void): Matter["acts"] {
  const denial = denialIn(error);
  if (denial === undefined) return [];
  return [{ label: "Why?", run: () => app.denials.show({ denial, where: "in the editor", then }) }];
}

function ofTheDisk(
  app: App,
  document: OpenDocument,
  { name, panel }: { name: string; panel: string },
): Matter | undefined {
  const state = document.state();
  if (state?.disk === "deleted") {
    return {
      tone: "warn",
      title: `${name} was deleted on disk.`,
      text: "The text is kept; saving makes the file again.",
      acts: [
        { label: "Save", run: () => void saveDocument(app, document) },
        { label: "Close", run: () => app.dock()?.closeTab(panel) },
      ],
    };
  }
  if (state?.disk !== "unreadable") return undefined;
  return {
    tone: "warn",
    title: `${name} cannot be read on disk any more.`,
    text: `The text stays; changes of others are not seen. ${state.diskSays}`,
    acts: [],
  };
}

function renamed(
  app: App,
  document: OpenDocument,
  { name, panel }: { name: string; panel: string },
): Matter | undefined {
  const path = document.movedTo();
  if (path === undefined) return undefined;
  return {
    tone: "info",
    title: `${name} is ${baseName(path)} now.`,
    text: "It was renamed on disk; it is saved under its new name.",
    acts: [
      {
        label: `Show ${baseName(path)}`,
        run: () => {
          openFile(app, { path, line: 0, column: 0 });
          app.dock()?.remove(panel);
        },
      },
    ],
  };
}

function readOnly(document: OpenDocument): Matter | undefined {
  const why = document.facts()?.why;
  if (why === null || why === undefined || why.code === "binary") return undefined;
  return { tone: "info", title: "Read only.", text: why.says, acts: [] };
}

function restored(app: App, document: OpenDocument): Matter | undefined {
  if (!document.isRestored() || !document.isDirty()) return undefined;
  return {
    tone: "info",
    title: "Restored.",
    text: "Edits that were not saved are in this text.",
    acts: [
      { label: "Compare", run: () => app.run("editor.compare") },
      { label: "Keep", run: () => document.isRestored.set(false) },
      { label: "Discard edits", run: () => app.run("editor.discard") },
    ],
  };
}

/** Told only where something could be lost. */
function unkept(document: OpenDocument, name: string): Matter | undefined {
  const state = document.state();
  if (state?.journal !== "none" || !document.isDirty()) return undefined;
  return {
    tone: "warn",
    title: `Unsaved edits of ${name} are in memory only.`,
    text: state.journalSays,
    acts: [],
  };
}
