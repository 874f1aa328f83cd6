/** Quick open: a file by parts of its path; `:12` behind it goes to a line. */
import { createMemo, createSignal, For, type JSX, onCleanup, onMount } from "solid-js";
import { useApp } from "../../app/app.ts";
import { openInWorkspace } from "../../app/open-place.ts";
import type { Found } from "../../state/file-finder.ts";
import { fuzzyMatch } from "../../state/fuzzy.ts";
import { listStep } from "../palette/list-step.ts";
import { Overlay } from "../palette/palette.tsx";
import "./quick-open.css";

/** Files offered at once. */
const SHOWN_MAX = 50;

export function QuickOpen(): JSX.Element {
  const app = useApp();
  const [text, setText] = createSignal("");
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
    if (file === undefined) return;
    close();
    if (before instanceof HTMLElement) before.focus();
    openInWorkspace(app, { path: file.path, line: wish().line, column: wish().column });
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
        aria-expanded="true"
        aria-controls="quick-open-list"
        aria-activedescendant={`quick-open-${at()}`}
        aria-label="File"
        placeholder="Type parts of a path"
        maxLength={200}
        data-testid="quick-open-input"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="quick-open-list" class="palette-list" role="listbox" aria-label="Files">
        <For each={found()} fallback={<Empty query={wish().query} />}>
          {(file, index) => (
            <FileRow
              file={file}
              query={wish().query}
              index={index()}
              isActive={index() === at()}
              onPick={() => open(file)}
            />
          )}
        </For>
      </div>
    </Overlay>
  );
}

function Empty(props: { query: string }): JSX.Element {
  const { fileIndex } = useApp();
  const words = () => {
    const count = fileIndex.count().toLocaleString("en-US");
    if (fileIndex.state() === "failed") return `The files cannot be listed: ${fileIndex.words()}`;
    if (fileIndex.state() === "walking") return `Reading names: ${count} so far`;
    if (props.query === "") return `Type to find one of ${count} files.`;
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
}

function wishOf(text: string): Wish {
  const place = /^(.*?):(\d{1,7})?(?::(\d{1,5}))?$/.exec(text.trim());
  if (place === null) return { query: text.trim(), line: 0, column: 0 };
  return { query: place[1] ?? "", line: Number(place[2] ?? 0), column: Number(place[3] ?? 0) };
}
