/** Quick open: a file by parts of its path; `:12` behind it goes to a line. */
import { createMemo, createSignal, type JSX, onMount, untrack } from "solid-js";
import { useApp } from "../../app/app.ts";
import { openInWorkspace } from "../../app/open-place.ts";
import type { Found } from "../../state/file-finder.ts";
import { fuzzyMatch } from "../../state/fuzzy.ts";
import { noMatch } from "../../state/search-words.ts";
import { baseName } from "../../state/words.ts";
import { Marked, PickList } from "../palette/pick-list.tsx";
import "./quick-open.css";

/** Files offered at once. */
const SHOWN_MAX = 50;

/** `text` is what it begins with. */
export function QuickOpen(props: { text?: string }): JSX.Element {
  const app = useApp();
  const [text, setText] = createSignal(untrack(() => props.text ?? ""));
  const wish = () => wishOf(text());
  const found = createMemo(() => {
    app.fileIndex.version();
    return app.fileIndex.find(wish().query, SHOWN_MAX);
  });
  const before = document.activeElement;
  const close = () => app.setOverlay("none");
  const open = (file: Found | undefined) => {
    const isHere = wish().query === "" && wish().line > 0;
    if (file === undefined && !isHere) return;
    close();
    if (before instanceof HTMLElement) before.focus();
    if (isHere) app.dock()?.activeEditor()?.reveal(wish().line, wish().column);
    else if (file !== undefined) void openInWorkspace(app, { ...wish(), path: file.path });
  };
  onMount(() => void app.fileIndex.walk());
  return (
    <PickList
      name="quick-open"
      label="Quick open"
      inputLabel="File"
      placeholder="Type parts of a path, or :12 for a line of the file in front"
      text={text()}
      maxLength={200}
      items={found()}
      empty={<Empty wish={wish()} />}
      pathOf={(file) => file.path}
      onText={setText}
      onPick={open}
      onClose={close}
    >
      {(file) => <FileWords path={file.path} query={wish().query} />}
    </PickList>
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
    return noMatch(fileIndex.count(), fileIndex.closed());
  };
  return <>{words()}</>;
}

function FileWords(props: { path: string; query: string }): JSX.Element {
  const slash = () => props.path.lastIndexOf("/");
  const base = () => props.path.slice(slash() + 1);
  return (
    <>
      <span class="quick-open-name">
        <Marked text={base()} hits={fuzzyMatch(props.query, base())?.at ?? []} />
      </span>
      <span class="quick-open-folder">{props.path.slice(0, Math.max(0, slash()))}</span>
    </>
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
