/** Quick open: a file by parts of its path; `:12` behind it goes to a line. */
import {
  createMemo,
  createSignal,
  For,
  type JSX,
  onCleanup,
  onMount,
  Show,
  untrack,
} from "solid-js";
import { useApp } from "../../app/app.ts";
import { openInWorkspace } from "../../app/open-place.ts";
import type { Found } from "../../state/file-finder.ts";
import { fuzzyMatch } from "../../state/fuzzy.ts";
import { baseName } from "../../state/words.ts";
import { listStep } from "../palette/list-step.ts";
import { Overlay } from "../palette/palette.tsx";
import "./quick-open.css";

/** Files offered at once. */
const SHOWN_MAX = 50;

/** `text` is what it begins with. */
export function QuickOpen(props: { text?: string }): JSX.Element {
  const app = useApp();
  const [text, setText] = createSignal(untrack(() => props.text ?? ""));
  const [at, setAt] = createSignal(0);
  const wish = () => wishOf(text());
  const found = createMemo(() => {
    app.fileIndex.version();
    return app.fileIndex.find(wish().query, SHOWN_MAX);
  });
  const before = document.activeElement;
  let input: HTMLInputElement | undefined;
  const close = () => app.setOverlay("none");
  const open = (file: Found | undefined) => {
    const isHere = wish().query === "" && wish().line > 0;
    if (file === undefined && !isHere) return;
    close();
    if (before instanceof HTMLElement) before.focus();
    if (isHere) app.dock()?.activeEditor()?.reveal(wish().line, wish().column);
    else if (file !== undefined) void openInWorkspace(app, { ...wish(), path: file.path });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = listStep(event.key, found().length, at());
    if (step !== undefined) {
      event.preventDefault();
      setAt(step);
    } else if (event.key === "Enter" && !event.isComposing) open(found()[at()]);
    else if (event.key === "Escape") close();
    else return;
    event.stopPropagation();
  };
  onMount(() => {
    input?.focus();
    void app.fileIndex.walk();
  });
  onCleanup(() => {
    if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
  });
  return (
    <Overlay onDismiss={close} label="Quick open">
      <input
        ref={(made) => {
          input = made;
        }}
        class="palette-input inset"
        role="combobox"
        aria-expanded={found().length > 0}
        aria-controls={found().length > 0 ? "quick-open-list" : undefined}
        aria-activedescendant={found().length > 0 ? `quick-open-${at()}` : undefined}
        aria-label="File"
        placeholder="Type parts of a path, or :12 for a line of the file in front"
        value={text()}
        maxLength={200}
        data-testid="quick-open-input"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Show when={found().length > 0} fallback={<Empty wish={wish()} />}>
        <FileList found={found()} query={wish().query} at={at()} onPick={open} />
      </Show>
    </Overlay>
  );
}

function FileList(props: {
  found: readonly Found[];
  query: string;
  at: number;
  onPick: (file: Found) => void;
}): JSX.Element {
  return (
    <div id="quick-open-list" class="palette-list" role="listbox" aria-label="Files">
      <For each={props.found}>
        {(file, index) => (
          <FileRow
            file={file}
            query={props.query}
            index={index()}
            isActive={index() === props.at}
            onPick={() => props.onPick(file)}
          />
        )}
      </For>
    </div>
  );
}

function Empty(props: { wish: Wish }): JSX.Element {
  const { fileIndex, dock } = useApp();
  const words = () => {
    const { query, line, isLine } = props.wish;
    if (query === "" && isLine) return lineWords(line, dock()?.activeEditor()?.path);
    const count = fileIndex.count().toLocaleString("en-US");
    if (fileIndex.state() === "failed") return `The files cannot be listed: ${fileIndex.words()}`;
    if (fileIndex.state() === "walking") return `Reading names: ${count} so far`;
    if (query === "") return `Type to find one of ${count} files.`;
    return `No match in ${count} files.`;
  };
  return (
    <p class="palette-none" data-testid="quick-open-empty">
      {words()}
    </p>
  );
}

function FileRow(props: {
  file: Found;
  query: string;
  index: number;
  isActive: boolean;
  onPick: () => void;
}): JSX.Element {
  const slash = () => props.file.path.lastIndexOf("/");
  const base = () => props.file.path.slice(slash() + 1);
  const hits = () => fuzzyMatch(props.query, base())?.at ?? [];
  let row: HTMLDivElement | undefined;
  const keepInView = (isActive: boolean) => {
    if (isActive) row?.scrollIntoView({ block: "nearest" });
    return isActive;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the focus stays in the input, whose keys pick the active row.
    <div
      ref={(made) => {
        row = made;
      }}
      id={`quick-open-${props.index}`}
      class="palette-row"
      classList={{ "palette-active": keepInView(props.isActive) }}
      role="option"
      tabIndex={-1}
      aria-selected={props.isActive}
      data-path={props.file.path}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => props.onPick()}
    >
      <span class="quick-open-name">
        <For each={[...base()]}>
          {(sign, index) => (hits().includes(index()) ? <b>{sign}</b> : sign)}
        </For>
      </span>
      <span class="quick-open-folder">{props.file.path.slice(0, Math.max(0, slash()))}</span>
    </div>
  );
}

interface Wish {
  readonly query: string;
  /** 0: none was named. */
  readonly line: number;
  readonly column: number;
  /** Whether a colon was typed. */
  readonly isLine: boolean;
}

function wishOf(text: string): Wish {
  const place = /^(.*?):(\d{1,7})?(?::(\d{1,5})?)?$/.exec(text.trim());
  if (place === null) return { query: text.trim(), line: 0, column: 0, isLine: false };
  const [, query = "", line = 0, column = 0] = place;
  return { query, line: Number(line), column: Number(column), isLine: true };
}

function lineWords(line: number, path: string | undefined): string {
  if (path === undefined) return "No file is in front.";
  return line === 0 ? "Type the number of a line." : `Enter: line ${line} of ${baseName(path)}`;
}
