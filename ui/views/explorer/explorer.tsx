/** The explorer: the workspace as a tree. Only the lines in view are in the document. */
import { Index, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { IconName } from "../../icons.ts";
import { ROOT } from "../../state/file-tree.ts";
import { baseName } from "../../state/words.ts";
import { Menu } from "../debug/menu.tsx";
import { Icon } from "../shell/icon.tsx";
import { ProcessBanner } from "../shell/process-banner.tsx";
import { EditRow } from "./edit-row.tsx";
import { entryItems } from "./entry-menu.ts";
import "./explorer.css";
import { createExplorerModel, type ExplorerModel, type Line, ROW_PX } from "./model.ts";
import { Row } from "./row.tsx";

export function Explorer(): JSX.Element {
  const app = useApp();
  const model = createExplorerModel(app);
  return (
    <div class="explorer">
      <ProcessBanner process="file-guard" />
      <Toolbar model={model} />
      <div
        ref={model.mount}
        class="explorer-list inset"
        role="tree"
        tabIndex={0}
        aria-label="Files"
        aria-activedescendant={model.at() < 0 ? undefined : `file-${model.at()}`}
        data-testid="explorer-list"
        onScroll={model.scrolled}
        onKeyDown={model.keyed}
        onFocus={model.focused}
        onContextMenu={model.menuAt}
        onPointerDown={model.drag.start}
      >
        <div class="explorer-rows" style={{ height: `${model.lines().length * ROW_PX}px` }}>
          <Index each={model.shown()}>
            {(line, index) => (
              <LineView line={line()} index={model.first() + index} model={model} />
            )}
          </Index>
        </div>
      </div>
      <Show when={model.menu()} keyed>
        {({ place, row }) => (
          <Menu
            label={row?.entry.name ?? "Files"}
            place={place}
            items={entryItems(app, model.acts, row)}
            onClose={model.closeMenu}
          />
        )}
      </Show>
    </div>
  );
}

function Toolbar(props: { model: ExplorerModel }): JSX.Element {
  const { files } = useApp();
  const make = (what: "file" | "folder") => () =>
    props.model.acts.make(what, props.model.selectedRow());
  return (
    <div class="explorer-bar" role="toolbar" aria-label="Files">
      <strong class="explorer-name">
        {baseName(files.tree().folders.get(ROOT)?.realPath ?? "")}
      </strong>
      <Tool icon="file-plus" label="New file" run={make("file")} />
      <Tool icon="folder-plus" label="New folder" run={make("folder")} />
      <Tool icon="refresh-cw" label="Read all folders again" run={files.refreshAll} />
    </div>
  );
}

function Tool(props: { icon: IconName; label: string; run: () => void }): JSX.Element {
  return (
    <button
      type="button"
      class="icon-only"
      title={props.label}
      aria-label={props.label}
      onClick={() => props.run()}
    >
      <Icon name={props.icon} size={14} />
    </button>
  );
}

function LineView(props: { line: Line; index: number; model: ExplorerModel }): JSX.Element {
  const edited = () => (props.line.type === "edit" ? props.line : undefined);
  const row = () => (props.line.type === "edit" ? undefined : props.line);
  const key = () => (props.line.type === "entry" ? props.line.key : undefined);
  return (
    <div class="explorer-line" style={{ transform: `translateY(${props.index * ROW_PX}px)` }}>
      <Show when={edited()}>
        {(line) => <EditRow edit={line().edit} depth={line().depth} acts={props.model.acts} />}
      </Show>
      <Show when={row()}>
        {(line) => (
          <Row
            row={line()}
            index={props.index}
            isSelected={key() !== undefined && key() === props.model.selected()}
            isTarget={key() !== undefined && key() === props.model.drag.target()}
            acts={props.model.acts}
          />
        )}
      </Show>
    </div>
  );
}
