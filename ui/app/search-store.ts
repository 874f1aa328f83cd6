/** A search in files: hits as they come, at most one search at a time, ended by the next. */
import { type Accessor, createSignal, onCleanup } from "solid-js";
import * as v from "valibot";
import { Hit, SearchEnd, search as searchStream } from "../../bus/contracts/file-guard.ts";
import type { Connection } from "../bus.ts";
import { createSplitter } from "../state/split-parts.ts";
import { messageOf } from "./settings-store.ts";

/** What is searched for. */
export interface SearchWish {
  /** Folder or file; absent: the workspace. */
  readonly path?: string;
  readonly pattern: string;
  readonly isRegex: boolean;
  /** False: case matters only when the pattern has a capital. */
  readonly caseSensitive: boolean;
  readonly wholeWords: boolean;
  /** Globs; empty: all files. */
  readonly include: readonly string[];
}

/** Hits of one file, in the order of its lines. */
export interface FileHits {
  readonly file: string;
  readonly hits: readonly Hit[];
}

export type SearchState =
  | { readonly type: "none" }
  | { readonly type: "running" }
  | ({ readonly type: "ended" } & Pick<SearchEnd, "files" | "closed" | "isCut">)
  | { readonly type: "failed"; readonly words: string };

export interface SearchStore {
  readonly state: Accessor<SearchState>;
  readonly found: Accessor<readonly FileHits[]>;
  readonly count: Accessor<number>;
  /** Ends the search before; an empty pattern only clears. */
  start(wish: SearchWish): void;
  cancel(): void;
}

/** Lives in the calling reactive scope. */
export function createSearchStore(connection: Connection): SearchStore {
  const [state, setState] = createSignal<SearchState>({ type: "none" });
  const [found, setFound] = createSignal<readonly FileHits[]>([]);
  const [count, setCount] = createSignal(0);
  let current = new AbortController();
  onCleanup(() => current.abort());
  const take = (hits: readonly Hit[]): void => {
    if (hits.length === 0) return;
    setFound((now) => addHits(now, hits));
    setCount((now) => now + hits.length);
  };
  const clear = (): void => {
    current.abort();
    current = new AbortController();
    setFound([]);
    setCount(0);
    setState({ type: "none" });
  };
  return {
    state,
    found,
    count,
    cancel() {
      current.abort();
      if (state().type === "running") setState({ type: "ended", files: 0, closed: 0, isCut: true });
    },
    start(wish) {
      clear();
      if (wish.pattern === "") return;
      const { signal } = current;
      setState({ type: "running" });
      run(connection, wish, { signal, take }).then(
        (end) => {
          if (!signal.aborted) setState({ type: "ended", ...end });
        },
        (error: unknown) => {
          if (!signal.aborted) setState({ type: "failed", words: messageOf(error) });
        },
      );
    },
  };
}

interface Taker {
  readonly signal: AbortSignal;
  take(hits: readonly Hit[]): void;
}

async function run(
  connection: Connection,
  wish: SearchWish,
  { signal, take }: Taker,
): Promise<SearchEnd> {
  const input = {
    path: wish.path ?? "",
    matchesMax: 0,
    pattern: wish.pattern,
    isRegex: wish.isRegex,
    wholeWords: wish.wholeWords,
    ...(wish.caseSensitive ? { caseSensitive: true } : {}),
    files: { include: [...wish.include], exclude: [], withIgnored: false, filesMax: 0 },
  };
  const stream = await connection.open(searchStream, input, { signal });
  const stop = (): void => stream.reset({ code: "bus/cancelled", message: "another search" });
  signal.addEventListener("abort", stop, { once: true });
  stream.end();
  const splitter = createSplitter(10);
  for await (const chunk of stream) {
    if (signal.aborted) break;
    take(splitter.push(chunk).map(hitOf));
  }
  take(splitter.end().map(hitOf));
  signal.removeEventListener("abort", stop);
  return v.parse(SearchEnd, await stream.done);
}

function hitOf(line: string): Hit {
  return v.parse(Hit, JSON.parse(line));
}

/** Hits come file by file, so of those before only the last group can grow. */
function addHits(before: readonly FileHits[], hits: readonly Hit[]): readonly FileHits[] {
  const groups: Array<{ file: string; hits: Hit[] }> = [];
  const last = before.at(-1);
  if (last !== undefined) groups.push({ file: last.file, hits: [...last.hits] });
  for (const hit of hits) {
    const group = groups.at(-1);
    if (group?.file === hit.file) group.hits.push(hit);
    else groups.push({ file: hit.file, hits: [hit] });
  }
  return [...before.slice(0, -1), ...groups];
}
