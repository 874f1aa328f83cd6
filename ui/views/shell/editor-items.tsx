/** What the status bar says of the editor in front: position, indentation, bytes on disk, language, bytes per edit. */
import { type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { EditorStatus } from "../../app/dock.ts";
import { counted } from "../../state/words.ts";

export function EditorItems(): JSX.Element {
  const app = useApp();
  const status = () => app.dock()?.activeEditor()?.status();
  return (
    <Show when={status()}>
      {(known) => (
        <>
          <Show when={known().bytesPerEdit > 0}>
            <Item
              name="meter"
              label={`${known().bytesPerEdit} B/edit`}
              says="Bytes one edit costs between this window and the editor process, there and back"
              run={() => app.run("view.debug")}
            />
          </Show>
          <Show when={known().line > 0}>
            <Item
              name="position"
              label={positionWords(known())}
              says="Line and column. Go to line (Ctrl+G)"
              run={() => app.run("editor.go-to-line")}
            />
          </Show>
          <Show when={known().indentation !== ""}>
            <Item
              name="indentation"
              label={known().indentation}
              says="How this file is indented. Click to choose"
              run={() => app.run("editor.choose-indentation")}
            />
          </Show>
          <Item
            name="format"
            label={known().format}
            says="Encoding and line breaks on disk; saving keeps them as they are"
            run={() => app.run("editor.compare")}
          />
          <Show when={known().language !== ""}>
            <Item
              name="language"
              label={known().language}
              says="Language. Click to choose"
              run={() => app.run("editor.choose-language")}
            />
          </Show>
        </>
      )}
    </Show>
  );
}

/** "Ln 12, Col 5 (3 selected)" */
function positionWords({ line, column, selected, selections }: EditorStatus): string {
  const place = `Ln ${line}, Col ${column}`;
  if (selections > 1) return `${place} (${counted(selections, "cursor")})`;
  return selected === 0 ? place : `${place} (${selected} selected)`;
}

function Item(props: { name: string; label: string; says: string; run: () => void }): JSX.Element {
  return (
    <button
      type="button"
      class={`status-item status-${props.name} inset`}
      title={props.says}
      data-testid={`status-${props.name}`}
      onClick={() => props.run()}
    >
      {props.label}
    </button>
  );
}
