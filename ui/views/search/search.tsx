/** Search in files: hits by file as they are found, each with its line; a click goes there. */
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  Index,
  type JSX,
  onCleanup,
  onMount,
  Show,
} from "solid-js";
import type { Hit } from "../../../bus/contracts/file-guard.ts";
import { useApp } from "../../app/app.ts";
import { openInWorkspace } from "../../app/open-place.ts";
import { createSearchStore, type SearchStore, type SearchWish } from "../../app/search-store.ts";
import type { IconName } from "../../icons.ts";
import { badPattern } from "../../state/bad-pattern.ts";
import { noMatch } from "../../state/search-words.ts";
import { createElementSize } from "../debug/element-size.ts";
import { Icon } from "../shell/icon.tsx";
import { ProcessBanner } from "../shell/process-banner.tsx";
import { type Mark, marksOf, previewOf } from "./preview.ts";
import "./search.css";

/** Pause after the last key before a search starts, milliseconds. */
const PAUSE_MS = 180;
const ROW_PX = 24;
const SPARE_ROWS = 8;

type Row =
  | { readonly type: "file"; readonly file: string; readonly hits: number }
  | { readonly type: "hit"; readonly hit: Hit };

export function Search(): JSX.Element {
  const app = useApp();
  const store = createSearchStore(app.connection);
  const [wish, setWish] = createSignal<SearchWish>({
    pattern: "",
    isRegex: false,
    caseSensitive: false,
    wholeWords: false,
    include: [],
  });
  createEffect(() => {
    const wanted = app.wantedSearch();
    if (wanted === undefined) return;
    app.setWantedSearch(undefined);
    setWish((now) => ({ ...now, pattern: wanted }));
  });
  createEffect(() => {
    const now = wish();
    const timer = setTimeout(() => store.start(now), now.pattern === "" ? 0 : PAUSE_MS);
    onCleanup(() => clearTimeout(timer));
  });
  return (
    <div class="search">
      <ProcessBanner process="file-guard" />
      <SearchForm wish={wish()} onChange={(change) => setWish({ ...wish(), ...change })} />
      <Status store={store} pattern={wish().pattern} />
      <Hits store={store} />
    </div>
  );
}

function SearchForm(props: {
  wish: SearchWish;
  onChange: (change: Partial<SearchWish>) => void;
}): JSX.Element {
  let input: HTMLInputElement | undefined;
  onMount(() => input?.focus());
  return (
    <div class="search-form">
      <div class="search-field">
        <input
          ref={(made) => {
            input = made;
          }}
          class="search-input"
          type="search"
          aria-label="Search in files"
          placeholder="Search in files"
          maxLength={4000}
          spellcheck={false}
          data-testid="search-input"
          value={props.wish.pattern}
          onInput={(event) => props.onChange({ pattern: event.currentTarget.value })}
        />
        <Toggle
          icon="case-sensitive"
          label="Match case"
          isOn={props.wish.caseSensitive}
          onToggle={(caseSensitive) => props.onChange({ caseSensitive })}
        />
        <Toggle
          icon="whole-word"
          label="Whole words"
          isOn={props.wish.wholeWords}
          onToggle={(wholeWords) => props.onChange({ wholeWords })}
        />
        <Toggle
          icon="regex"
          label="Regular expression"
          isOn={props.wish.isRegex}
          onToggle={(isRegex) => props.onChange({ isRegex })}
        />
      </div>
      <input
        class="search-include"
        aria-label="Only in files that fit"
        placeholder="Only in: *.ts, src/**"
        maxLength={1000}
        spellcheck={false}
        onInput={(event) =>
          props.onChange({
            include: event.currentTarget.value
              .split(",")
              .map((glob) => glob.trim())
              .filter((glob) => glob !== ""),
          })
        }
      />
    </div>
  );
}

function Toggle(props: {
  icon: IconName;
  label: string;
  isOn: boolean;
  onToggle: (isOn: boolean) => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="icon-only search-toggle"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.isOn}
      onClick={() => props.onToggle(!props.isOn)}
    >
      <Icon name={props.icon} size={16} />
    </button>
  );
}

function Status(props: { store: SearchStore; pattern: string }): JSX.Element {
  const words = () => {
    const state = props.store.state();
    const hits = props.store.count().toLocaleString("en-US");
    const files = props.store.found().length.toLocaleString("en-US");
    switch (state.type) {
      case "none":
        return "Type to search in all files git does not ignore.";
      case "running":
        return `${hits} hits in ${files} files so far`;
      case "failed":
        return state.words;
      case "ended":
        if (props.store.count() === 0) return noMatch(state.files, state.closed);
        return `${hits} hits in ${files} files${state.isCut ? ", cut there" : ""}`;
    }
  };
  const wrong = () => {
    const state = props.store.state();
    return state.type === "failed" ? badPattern(state.words, props.pattern) : undefined;
  };
  return (
    <div
      class="search-status"
      classList={{ "search-failed": props.store.state().type === "failed" }}
      role="status"
      data-testid="search-status"
    >
      <Show when={wrong()} fallback={<span>{words()}</span>}>
        {(place) => (
          <pre class="search-wrong">
            {`${place().pattern}\n${" ".repeat(place().at)}^ ${place().reason}`}
          </pre>
        )}
      </Show>
      <Show when={props.store.state().type === "running"}>
        <button type="button" class="link" onClick={() => props.store.cancel()}>
          Cancel
        </button>
      </Show>
    </div>
  );
}

function Hits(props: { store: SearchStore }): JSX.Element {
  const [top, setTop] = createSignal(0);
  const size = createElementSize();
  const rows = createMemo((): Row[] =>
    props.store
      .found()
      .flatMap(({ file, hits }) => [
        { type: "file", file, hits: hits.length } as const,
        ...hits.map((hit) => ({ type: "hit", hit }) as const),
      ]),
  );
  const first = () => Math.max(0, Math.floor(top() / ROW_PX) - SPARE_ROWS);
  const shown = () =>
    rows().slice(first(), first() + Math.ceil(size.height() / ROW_PX) + 2 * SPARE_ROWS);
  return (
    <section
      ref={size.observe}
      class="search-hits"
      aria-label="Hits"
      data-testid="search-hits"
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div class="search-rows" style={{ height: `${rows().length * ROW_PX}px` }}>
        <Index each={shown()}>
          {(row, index) => <HitLine row={row()} top={(first() + index) * ROW_PX} />}
        </Index>
      </div>
    </section>
  );
}

function HitLine(props: { row: Row; top: number }): JSX.Element {
  const app = useApp();
  const place = () => {
    const { row } = props;
    if (row.type === "file") return { path: row.file, line: 0, column: 0 };
    const column = (row.hit.ranges[0]?.[0] ?? 0) + 1;
    return { path: row.hit.file, line: row.hit.line, column };
  };
  const marks = (): readonly Mark[] =>
    props.row.type === "hit"
      ? marksOf(previewOf(props.row.hit))
      : [{ text: props.row.file, isHit: false }];
  return (
    <button
      type="button"
      class="search-row inset"
      classList={{ "search-file": props.row.type === "file" }}
      style={{ transform: `translateY(${props.top}px)` }}
      title={
        props.row.type === "hit" ? `${props.row.hit.file}:${props.row.hit.line}` : props.row.file
      }
      onClick={() => void openInWorkspace(app, place())}
    >
      <Show when={props.row.type === "hit" ? props.row : undefined}>
        {(row) => <span class="search-line">{row().hit.line}</span>}
      </Show>
      <span class="search-text">
        <For each={marks()}>{(mark) => (mark.isHit ? <mark>{mark.text}</mark> : mark.text)}</For>
      </span>
      <Show when={props.row.type === "file" ? props.row : undefined}>
        {(row) => <span class="search-count">{row().hits}</span>}
      </Show>
    </button>
  );
}
