/** Strips over the text: the disk changed too, an agent proposes. Exact words of ux.md. */
import { type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { messageOf } from "../../app/settings-store.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { baseName, counted } from "../../state/words.ts";
import { Icon } from "../shell/icon.tsx";

interface StripProps {
  readonly document: OpenDocument;
  readonly panel: string;
}

export function MergedStrip(props: StripProps): JSX.Element {
  const app = useApp();
  const words = () => {
    const merged = props.document.merged();
    const open = props.document.conflicts().length;
    if (merged === undefined && open === 0) return undefined;
    return mergedWords(baseName(props.document.path), merged?.changes ?? 0, open);
  };
  return (
    <Show when={words()}>
      {(says) => (
        <div class="editor-strip editor-strip-warn" role="status" data-testid="editor-merged">
          <span>{says()}</span>
          <Show when={props.document.conflicts().length > 0}>
            <StripButton label="Next conflict" run={() => app.run("editor.next-change")} />
          </Show>
          <StripButton label="Compare" run={() => app.run("editor.compare")} />
          <Show when={props.document.conflicts().length === 0}>
            <button
              type="button"
              class="icon-only editor-strip-close"
              aria-label="Close"
              title="Close"
              onClick={() => props.document.merged.set(undefined)}
            >
              <Icon name="x" size={14} />
            </button>
          </Show>
        </div>
      )}
    </Show>
  );
}

/** "main.ts changed on disk; 3 changes merged, 1 conflict." */
export function mergedWords(name: string, changes: number, conflicts: number): string {
  const merged = changes === 0 ? "" : `; ${counted(changes, "change")} merged`;
  const open =
    conflicts === 0 ? "" : `${merged === "" ? ";" : ","} ${counted(conflicts, "conflict")}`;
  return `${name} changed on disk${merged}${open}.`;
}

export function ProposalStrip(props: StripProps): JSX.Element {
  const app = useApp();
  const waiting = () => props.document.proposals().length;
  const by = () => props.document.proposals()[0]?.by ?? "agent";
  const attempt = (done: Promise<void>) =>
    void done.catch((error: unknown) =>
      app.toasts.show({
        tag: "proposals",
        level: "error",
        title: "The proposals stay as they are.",
        text: messageOf(error),
      }),
    );
  return (
    <Show when={waiting() > 0}>
      <div class="editor-strip editor-strip-info" role="status" data-testid="editor-proposals">
        <span>
          {by()} proposes {counted(waiting(), "change")} in {baseName(props.document.path)}.
        </span>
        <StripButton label="Next" run={() => app.run("editor.next-change")} />
        <StripButton label="Accept all" run={() => attempt(props.document.accept({ all: true }))} />
        <StripButton label="Reject all" run={() => attempt(props.document.reject({ all: true }))} />
      </div>
    </Show>
  );
}

function StripButton(props: { label: string; run: () => void }): JSX.Element {
  return (
    <button type="button" class="link" onClick={() => props.run()}>
      {props.label}
    </button>
  );
}
