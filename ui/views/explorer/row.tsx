/** One line of the explorer: a name, or what is said in place of names. */
import { type JSX, Match, Show, Switch } from "solid-js";
import type { IconName } from "../../icons.ts";
import { fileIcon } from "../../state/file-icon.ts";
import type { EntryRow, NoteRow, TreeRow } from "../../state/file-tree.ts";
import { Icon } from "../shell/icon.tsx";
import type { EntryActs } from "./entry-acts.ts";
import { indentOf } from "./indent.ts";

export interface RowProps {
  readonly row: TreeRow;
  readonly index: number;
  readonly isSelected: boolean;
  /** Whether what is dragged would land here. */
  readonly isTarget: boolean;
  readonly acts: EntryActs;
}

export function Row(props: RowProps): JSX.Element {
  const entry = () => (props.row.type === "entry" ? props.row : undefined);
  const note = () => (props.row.type === "note" ? props.row : undefined);
  return (
    <Switch>
      <Match when={entry()}>{(row) => <EntryLine {...props} row={row()} />}</Match>
      <Match when={note()}>{(row) => <NoteLine row={row()} acts={props.acts} />}</Match>
    </Switch>
  );
}

function EntryLine(props: RowProps & { row: EntryRow }): JSX.Element {
  const entry = () => props.row.entry;
  const isFolder = () => entry().kind === "folder";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it has the focus and the keys.
    <div
      id={`file-${props.index}`}
      class="explorer-row"
      classList={{
        "explorer-selected": props.isSelected,
        "explorer-target": props.isTarget,
        "explorer-dim": entry().ignored === true || entry().kind === "closed",
      }}
      role="treeitem"
      tabIndex={-1}
      aria-level={props.row.depth + 1}
      aria-selected={props.isSelected}
      aria-expanded={isFolder() ? props.row.isOpen : undefined}
      aria-label={labelOf(props.row)}
      title={titleOf(props.row)}
      data-name={entry().name}
      style={{ "padding-left": indentOf(props.row.depth) }}
      onClick={() => props.acts.press(props.row)}
      onDblClick={() => props.acts.open(props.row)}
    >
      <span class="explorer-fold">
        <Show when={isFolder()}>
          <Icon name={props.row.isOpen ? "chevron-down" : "chevron-right"} size={14} />
        </Show>
      </span>
      <Icon name={iconOf(props.row)} size={16} />
      <span class="explorer-text">{entry().name}</span>
    </div>
  );
}

function NoteLine(props: { row: NoteRow; acts: EntryActs }): JSX.Element {
  return (
    <div
      class="explorer-row explorer-note"
      classList={{ "explorer-failed": props.row.note === "failed" }}
      role="treeitem"
      tabIndex={-1}
      aria-level={props.row.depth + 1}
      aria-selected="false"
      aria-label={props.row.words === "" ? "Reading the folder" : undefined}
      style={{ "padding-left": indentOf(props.row.depth) }}
      title={props.row.words}
    >
      <span class="explorer-fold" />
      <span class="explorer-text">{props.row.words}</span>
      <Show when={props.row.note === "failed"}>
        <button type="button" class="link" onClick={() => props.acts.retry(props.row.folder)}>
          Try again
        </button>
      </Show>
      <Show when={props.row.note === "empty"}>
        <button type="button" class="link" onClick={() => props.acts.makeIn("file", props.row)}>
          New file
        </button>
      </Show>
    </div>
  );
}

function iconOf({ entry, isOpen }: EntryRow): IconName {
  switch (entry.kind) {
    case "folder":
      return isOpen ? "folder-open" : "folder";
    case "closed":
      return "lock";
    case "link":
      return "link";
    default:
      return fileIcon(entry.name);
  }
}

function labelOf(row: EntryRow): string {
  const { name, kind, denied, ignored } = row.entry;
  if (kind === "closed") return `${name}, closed by rule ${denied ?? ""}`;
  return ignored === true ? `${name}, ignored by git` : name;
}

function titleOf({ entry }: EntryRow): string {
  if (entry.kind === "closed") return `${entry.name} - closed by rule ${entry.denied ?? ""}`;
  if (entry.kind === "link") return `${entry.name} - a symbolic link`;
  return entry.size === undefined || entry.kind === "folder"
    ? entry.name
    : `${entry.name} - ${entry.size.toLocaleString("en-US")} bytes`;
}
