/** What is said while a file is read: nothing at first, then a bar, then how far it is. */
import { createSignal, type JSX, onCleanup, Show } from "solid-js";
import type { OpenDocument } from "../../editor/open-document.ts";

/** Nothing is said before this, and words only from then on, milliseconds. */
const SILENT_MS = 300;
const WORDS_MS = 2_000;
const MEGABYTE = 1_048_576;

export function LoadingLine(props: { document: OpenDocument }): JSX.Element {
  const [stage, setStage] = createSignal<"silent" | "bar" | "words">("silent");
  const bar = setTimeout(() => setStage("bar"), SILENT_MS);
  const words = setTimeout(() => setStage("words"), WORDS_MS);
  onCleanup(() => {
    clearTimeout(bar);
    clearTimeout(words);
  });
  const isLoading = () => props.document.phase() === "loading" || counting(props.document);
  return (
    <Show when={isLoading() && stage() !== "silent"}>
      <div class="editor-loading" role="status" data-testid="editor-loading">
        <div class="editor-loading-bar" />
        <Show when={stage() === "words"}>
          <span>{loadingWords(props.document)}</span>
        </Show>
      </div>
    </Show>
  );
}

/** "loading 34 of 100 MB" */
export function loadingWords(document: OpenDocument): string {
  const whole = document.facts()?.bytes ?? 0;
  const counted = document.counted();
  const read = counted?.bytes ?? document.model()?.text.length ?? 0;
  if (whole < MEGABYTE) return "loading";
  return `loading ${Math.floor(read / MEGABYTE)} of ${Math.ceil(whole / MEGABYTE)} MB`;
}

function counting(document: OpenDocument): boolean {
  return document.counted()?.isDone === false;
}
