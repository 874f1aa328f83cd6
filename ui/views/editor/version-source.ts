/** Follows the text of a version: read again when it may be another one. */
import { type Accessor, createEffect, createSignal, onCleanup } from "solid-js";
import type { App } from "../../app/app.ts";
import { readVersionText, type VersionText } from "../../app/version-texts.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import type { Version } from "../../state/version-id.ts";

/** Edits within this time are compared once, milliseconds. */
const SETTLE_MS = 300;

/** A side of a comparison. */
export interface Loaded {
  /** Undefined while it is read, and while no version is chosen. */
  readonly text: VersionText | undefined;
  /** Why it cannot be read. */
  readonly error: unknown;
  /** Reads it once more. */
  again(): void;
}

/** Lives in the calling reactive scope. */
export function followVersion(
  app: App,
  document: OpenDocument,
  version: Accessor<Version | undefined>,
): Accessor<Loaded> {
  let loads = 0;
  const again = (): void => load(version());
  const [loaded, setLoaded] = createSignal<Loaded>({ text: undefined, error: undefined, again });
  const load = (wanted: Version | undefined): void => {
    loads += 1;
    const mine = loads;
    // An answer that was overtaken by a later question is of another version.
    const ifLast = (text: VersionText | undefined, error: unknown): void => {
      if (mine === loads) setLoaded({ text, error, again });
    };
    if (wanted === undefined) return ifLast(undefined, undefined);
    readVersionText(app, document, wanted).then(
      (text) => ifLast(text, undefined),
      (error: unknown) => ifLast(undefined, error ?? new Error("it cannot be read")),
    );
  };
  createEffect(() => {
    const wanted = version();
    mayHaveChanged(app, document, wanted);
    load(wanted);
  });
  let settling: ReturnType<typeof setTimeout> | undefined;
  createEffect(() => {
    if (version()?.is !== "here") return;
    const end = document.model()?.onChange(() => {
      clearTimeout(settling);
      settling = setTimeout(again, SETTLE_MS);
    });
    onCleanup(() => {
      clearTimeout(settling);
      end?.();
    });
  });
  return loaded;
}

/** Reads the signals that tell of a new text. */
function mayHaveChanged(app: App, document: OpenDocument, version: Version | undefined): void {
  document.model();
  document.facts();
  if (version?.is === "here" || version?.is === "commit") return;
  document.saved();
  app.isFront();
}
