/** The changes view: branch, and the files that are not as in the last commit. Read only. */
import {
  createMemo,
  createSignal,
  Index,
  type JSX,
  Match,
  onCleanup,
  Show,
  Switch,
} from "solid-js";
import type { Change, Group, Status } from "../../../bus/contracts/git.ts";
import { useApp } from "../../app/app.ts";
import { openDiff } from "../../app/open-diff.ts";
import {
  branchName,
  branchWords,
  type ChangeRow,
  changedFiles,
  changeRows,
  GROUP_WORDS,
  letterOf,
  wordOf,
} from "../../state/changes.ts";
import { createElementSize } from "../debug/element-size.ts";
import { Icon } from "../shell/icon.tsx";
import { ProcessBanner } from "../shell/process-banner.tsx";
import "./changes.css";
import { Distance } from "./distance.tsx";
import { changeKey } from "./keys.ts";
import { Waiting } from "./waiting.tsx";

const ROW_PX = 24;
const SPARE_ROWS = 8;

export function Changes(): JSX.Element {
  const { changes } = useApp();
  onCleanup(changes.watch());
  return (
    <div class="changes">
      <ProcessBanner process="git" />
      <Waiting />
      <Head />
      <Switch>
        <Match when={changes.failure()}>{(why) => <Failed why={why()} />}</Match>
        <Match when={changes.status()}>{(status) => <Files status={status()} />}</Match>
      </Switch>
    </div>
  );
}

function Head(): JSX.Element {
  const { changes } = useApp();
  return (
    <div class="changes-bar">
      <Show when={changes.status()} fallback={<span class="changes-branch" />}>
        {(status) => (
          <span class="changes-branch" title={branchWords(status())} data-testid="changes-branch">
            <Icon name="git-branch" size={14} />
            <strong>{branchName(status())}</strong>
            <Distance status={status()} />
          </span>
        )}
      </Show>
      <button
        type="button"
        class="icon-only"
        aria-label="Ask git again"
        title="Ask git again"
        onClick={() => changes.refresh()}
      >
        <Icon name="refresh-cw" size={14} />
      </button>
    </div>
  );
}

function Failed(props: {
  why: NonNullable<ReturnType<ReturnType<typeof useApp>["changes"]["failure"]>>;
}): JSX.Element {
  const app = useApp();
  const again = (
    <button type="button" class="link" onClick={() => app.changes.refresh()}>
      Try again
    </button>
  );
  const failed = () => (props.why.type === "failed" ? props.why.words : "");
  return (
    <div class="changes-says" role="status" data-testid="changes-says">
      <Switch>
        <Match when={props.why.type === "no-repository"}>
          <p>This folder is in no git repository.</p>
          <p>
            <code>git init</code> in a terminal makes one; it is noticed by itself.
          </p>
        </Match>
        <Match when={props.why.type === "no-git"}>
          <p>git is not installed: there is no such program in PATH.</p>
          <p>
            Get it with <code>apt install git</code>, then: {again}
          </p>
        </Match>
        <Match when={props.why.type === "failed"}>
          <p class="changes-failed">{failed()}</p>
          <p>{again}</p>
        </Match>
      </Switch>
    </div>
  );
}

function Files(props: { status: Status }): JSX.Element {
  const app = useApp();
  const [folded, setFolded] = createSignal<ReadonlySet<Group>>(new Set());
  const [selected, select] = createSignal<string | undefined>(undefined);
  const [top, setTop] = createSignal(0);
  const size = createElementSize();
  let list: HTMLElement | undefined;
  const rows = createMemo(() => changeRows(props.status.changes, folded()));
  const keys = createMemo(() => rows().map(rowKey));
  const at = () => keys().indexOf(selected() ?? "");
  const first = () => Math.max(0, Math.floor(top() / ROW_PX) - SPARE_ROWS);
  const shown = () =>
    rows().slice(first(), first() + Math.ceil(size.height() / ROW_PX) + 2 * SPARE_ROWS);
  const fold = (group: Group) => {
    const next = new Set(folded());
    if (!next.delete(group)) next.add(group);
    setFolded(next);
  };
  const act = (row: ChangeRow) => {
    select(rowKey(row));
    if (row.type === "head") fold(row.group);
    else openDiff(app, row.change);
  };
  const go = (to: number) => {
    const key = keys()[Math.min(Math.max(to, 0), keys().length - 1)];
    select(key);
    if (list !== undefined && key !== undefined) keepInView(list, keys().indexOf(key));
  };
  const keyed = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(size.height() / ROW_PX) - 1);
    if (changeKey(event, { rows: rows(), at: at(), page, go, act, fold })) event.preventDefault();
  };
  return (
    <Show when={props.status.changes.length > 0} fallback={<Nothing />}>
      <p class="changes-sum" role="status" data-testid="changes-sum">
        {sumOf(props.status)}
      </p>
      <div
        ref={(made) => {
          list = made;
          size.observe(made);
        }}
        class="changes-list inset"
        role="tree"
        tabIndex={0}
        aria-label="Changed files"
        aria-activedescendant={at() < 0 ? undefined : `change-${at()}`}
        data-testid="changes-list"
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={keyed}
        onFocus={() => at() < 0 && go(0)}
      >
        <div class="changes-rows" style={{ height: `${rows().length * ROW_PX}px` }}>
          <Index each={shown()}>
            {(row, index) => (
              <Line
                row={row()}
                index={first() + index}
                isSelected={rowKey(row()) === selected()}
                onPress={act}
              />
            )}
          </Index>
        </div>
      </div>
    </Show>
  );
}

function Nothing(): JSX.Element {
  return (
    <div class="changes-says" role="status" data-testid="changes-says">
      <p>Nothing has changed since the last commit.</p>
    </div>
  );
}

interface LineProps {
  readonly row: ChangeRow;
  readonly index: number;
  readonly isSelected: boolean;
  readonly onPress: (row: ChangeRow) => void;
}

function Line(props: LineProps): JSX.Element {
  const head = () => (props.row.type === "head" ? props.row : undefined);
  const file = () => (props.row.type === "file" ? props.row.change : undefined);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it has the focus and the keys.
    <div
      id={`change-${props.index}`}
      class="changes-row"
      classList={{
        "changes-selected": props.isSelected,
        "changes-head": props.row.type === "head",
      }}
      role="treeitem"
      tabIndex={-1}
      aria-level={props.row.type === "head" ? 1 : 2}
      aria-selected={props.isSelected}
      aria-expanded={head()?.isOpen}
      title={titleOf(props.row)}
      data-path={file()?.path}
      style={{ transform: `translateY(${props.index * ROW_PX}px)` }}
      onClick={() => props.onPress(props.row)}
    >
      <Show when={head()}>
        {(row) => (
          <>
            <Icon name={row().isOpen ? "chevron-down" : "chevron-right"} size={14} />
            <span class="changes-name">{GROUP_WORDS[row().group]}</span>
            <span class="changes-count">
              {row().count.toLocaleString("en-US")}
              <span class="sr-only">{row().count === 1 ? " file" : " files"}</span>
            </span>
          </>
        )}
      </Show>
      <Show when={file()}>{(change) => <FileCells change={change()} />}</Show>
    </div>
  );
}

function FileCells(props: { change: Change }): JSX.Element {
  const slash = () => props.change.path.lastIndexOf("/");
  const tone = () => {
    if (props.change.group === "conflict") return "warn";
    const letter = letterOf(props.change);
    return letter === "D" ? "error" : letter === "M" || letter === "T" ? "accent" : "ok";
  };
  return (
    <>
      <Icon name={props.change.closed === undefined ? "file" : "lock"} size={16} />
      <span class="changes-name">
        {props.change.path.slice(slash() + 1)}
        <span class="changes-folder">{props.change.path.slice(0, Math.max(0, slash()))}</span>
      </span>
      <span class="sr-only">{saidOf(props.change)}</span>
      <span class={`changes-letter changes-${tone()}`}>{letterOf(props.change)}</span>
    </>
  );
}

function rowKey(row: ChangeRow): string {
  return row.type === "head" ? row.group : row.key;
}

/** What the letter, the lock and their colours say. */
function saidOf(change: Change): string {
  const rule = change.closed === undefined ? "" : `, kept closed by rule ${change.closed}`;
  return `, ${wordOf(change)}${rule}`;
}

function titleOf(row: ChangeRow): string | undefined {
  if (row.type === "head") return undefined;
  const { path, closed } = row.change;
  const rule = closed === undefined ? "" : `\nkept closed by rule ${closed}`;
  return `${path} - ${wordOf(row.change)}${rule}`;
}

function sumOf({ changes, isCut }: Status): string {
  const count = changedFiles(changes);
  const closed = changes.filter((change) => change.closed !== undefined).length;
  const files = isCut
    ? `more than ${changes.length.toLocaleString("en-US")} changes; those beyond are not shown`
    : `${count.toLocaleString("en-US")} changed ${count === 1 ? "file" : "files"}`;
  return closed === 0 ? files : `${files}, ${closed} kept closed by rules`;
}

function keepInView(list: HTMLElement, index: number): void {
  const above = index * ROW_PX;
  if (above < list.scrollTop) list.scrollTop = above;
  else if (above + ROW_PX > list.scrollTop + list.clientHeight) {
    list.scrollTop = above + ROW_PX - list.clientHeight;
  }
}
