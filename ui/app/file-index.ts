/** The names of all files for Quick open: walked when first asked for, and again each time after. */
import { type Accessor, createSignal } from "solid-js";
import * as v from "valibot";
import { FindEnd, find as findStream } from "../../bus/contracts/file-guard.ts";
import type { Connection } from "../bus.ts";
import { createFileFinder, type FileFinder, type Found } from "../state/file-finder.ts";
import { createSplitter } from "../state/split-parts.ts";
import { messageOf } from "./settings-store.ts";

/** What git does not ignore. */
const ALL_FILES = { include: [], exclude: [], withIgnored: false, filesMax: 0 };

export interface FileIndex {
  /** Names so far, of the newest walk that has some. */
  readonly count: Accessor<number>;
  /** Files and folders that a rule kept out of the last whole walk. */
  readonly closed: Accessor<number>;
  readonly state: Accessor<"none" | "walking" | "whole" | "cut" | "failed">;
  /** Why the last walk ended early; empty otherwise. */
  readonly words: Accessor<string>;
  /** Grows with every change of what `find` would say. */
  readonly version: Accessor<number>;
  /** Walks the workspace; does nothing while a walk is under way. */
  walk(): Promise<void>;
  find(query: string, max: number): Found[];
}

export function createFileIndex(connection: Connection): FileIndex {
  const [state, setState] = createSignal<ReturnType<FileIndex["state"]>>("none");
  const [words, setWords] = createSignal("");
  const [version, setVersion] = createSignal(0);
  const [count, setCount] = createSignal(0);
  const [closed, setClosed] = createSignal(0);
  let finder: FileFinder = createFileFinder();
  const changed = (): void => {
    setCount(finder.count);
    setVersion((now) => now + 1);
  };

  async function walk(): Promise<void> {
    if (state() === "walking") return;
    const isFirst = finder.count === 0;
    const next = isFirst ? finder : createFileFinder();
    setState("walking");
    try {
      const end = await walkInto(connection, next, isFirst ? changed : () => undefined);
      finder = next;
      setWords("");
      setClosed(end.closed);
      setState(end.isCut ? "cut" : "whole");
    } catch (error) {
      setWords(messageOf(error));
      setState("failed");
    }
    changed();
  }
  return {
    count,
    closed,
    state,
    words,
    version,
    walk,
    find: (query, max) => finder.find(query, max),
  };
}

async function walkInto(
  connection: Connection,
  finder: FileFinder,
  changed: () => void,
): Promise<v.InferOutput<typeof FindEnd>> {
  const stream = await connection.open(findStream, { path: "", options: ALL_FILES });
  stream.end();
  const splitter = createSplitter(0);
  for await (const chunk of stream) {
    finder.add(splitter.push(chunk));
    changed();
  }
  finder.add(splitter.end());
  return v.parse(FindEnd, await stream.done);
}
