/** The line where a name is typed: Enter takes it, Esc and leaving the field give it up. */
import { createSignal, type JSX, onMount } from "solid-js";
import type { Path } from "../../../bus/contracts/file-guard.ts";
import type { EntryRow } from "../../state/file-tree.ts";
import { Icon } from "../shell/icon.tsx";
import type { EntryActs } from "./entry-acts.ts";
import { indentOf } from "./indent.ts";

/** What the typed name is for. */
export type Edit =
  | { readonly type: "rename"; readonly row: EntryRow }
  | {
      readonly type: "make";
      readonly what: "file" | "folder";
      /** Key and path of the folder it is made in. */
      readonly folder: string;
      readonly folderPath: Path;
    };

/** Bytes of the longest name a file system of Linux takes. */
const NAME_BYTES_MAX = 255;

export function EditRow(props: { edit: Edit; depth: number; acts: EntryActs }): JSX.Element {
  const first = props.edit.type === "rename" ? props.edit.row.entry.name : "";
  const [fault, setFault] = createSignal("");
  let input: HTMLInputElement | undefined;
  let isOver = false;
  onMount(() => {
    input?.focus();
    // The part before the suffix is what one mostly changes.
    const dot = first.lastIndexOf(".");
    input?.setSelectionRange(0, dot > 0 ? dot : first.length);
  });
  const give = (name: string | undefined) => {
    if (isOver) return;
    isOver = true;
    props.acts.finish(props.edit, name === first ? undefined : name);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") give(undefined);
    if (event.key !== "Enter") return;
    const name = input?.value ?? "";
    const wrong = faultOf(name);
    setFault(wrong);
    if (wrong === "") give(name);
  };
  return (
    <div class="explorer-row explorer-edit" style={{ "padding-left": indentOf(props.depth) }}>
      <span class="explorer-fold" />
      <Icon name={iconOf(props.edit)} size={16} />
      <input
        ref={(made) => {
          input = made;
        }}
        class="explorer-input"
        value={first}
        aria-label={labelOf(props.edit)}
        aria-invalid={fault() !== ""}
        title={fault()}
        maxLength={NAME_BYTES_MAX}
        spellcheck={false}
        data-testid="explorer-input"
        onKeyDown={onKeyDown}
        onBlur={() => give(undefined)}
      />
    </div>
  );
}

/** What is wrong with a name; empty when nothing is. */
function faultOf(name: string): string {
  if (name === "") return "A name is needed.";
  if (name === "." || name === "..") return `${name} is no name.`;
  if (name.includes("/")) return "A name cannot hold a slash.";
  const bytes = new TextEncoder().encode(name).length;
  return bytes > NAME_BYTES_MAX ? `The name has ${bytes} bytes, at most ${NAME_BYTES_MAX}.` : "";
}

function iconOf(edit: Edit): "file" | "folder" {
  if (edit.type === "make") return edit.what;
  return edit.row.entry.kind === "folder" ? "folder" : "file";
}

function labelOf(edit: Edit): string {
  return edit.type === "rename"
    ? `New name of ${edit.row.entry.name}`
    : `Name of the new ${edit.what}`;
}
