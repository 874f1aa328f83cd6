/** Hints of the file guard that something changed in a folder with open files. One watch serves all files of a folder. */
import { basename, dirname } from "node:path";
import * as v from "valibot";
import type { Clock } from "../../bus/clock.ts";
import { Changed } from "../../bus/contracts/file-guard.ts";
import { BusCode } from "../../bus/errors.ts";
import type { BusStream } from "../../bus/peer.ts";
import { actingFor, type GuardedFiles } from "./guarded-files.ts";
import { LineReader } from "./line-reader.ts";

/** A watch that failed is tried again after this time, milliseconds; doubled each time while it fails. */
const AGAIN_MS_MIN = 1_000;
const AGAIN_MS_MAX = 60_000;

interface Watch {
  /** By path: who is told, and how many asked. */
  readonly files: Map<string, { count: number; tell: () => void }>;
  stream: BusStream<object> | undefined;
  isOver: boolean;
  cancelAgain: (() => void) | undefined;
  againMs: number;
}

export class Watches {
  readonly #files: GuardedFiles;
  readonly #clock: Clock;
  readonly #folders = new Map<string, Watch>();

  constructor(files: GuardedFiles, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** Tells of hints about one file until the returned function is called. */
  watch(path: string, tell: () => void): () => void {
    const folder = dirname(path);
    const watch = this.#folders.get(folder) ?? this.#begin(folder);
    const entry = watch.files.get(path) ?? { count: 0, tell };
    entry.count++;
    watch.files.set(path, entry);
    return () => {
      entry.count--;
      if (entry.count > 0) return;
      watch.files.delete(path);
      if (watch.files.size === 0) this.#end(folder, watch);
    };
  }

  #begin(folder: string): Watch {
    const watch: Watch = {
      files: new Map(),
      stream: undefined,
      isOver: false,
      cancelAgain: undefined,
      againMs: AGAIN_MS_MIN,
    };
    this.#folders.set(folder, watch);
    void this.#open(folder, watch);
    return watch;
  }

  async #open(folder: string, watch: Watch): Promise<void> {
    try {
      const stream = await this.#files.watch(folder, actingFor(undefined));
      watch.stream = stream;
      watch.againMs = AGAIN_MS_MIN;
      if (watch.isOver) this.#reset(watch);
      // What changed before the watch stood is told by nobody.
      else this.#tellAll(watch);
      const reader = new LineReader((line) => this.#hint(watch, line));
      for await (const chunk of stream) reader.add(chunk);
    } catch {
      // The guard died, the folder went, or it may not be watched: looks by time go on meanwhile.
    }
    watch.stream = undefined;
    if (watch.isOver) return;
    this.#tellAll(watch);
    const again = () => void this.#open(folder, watch);
    watch.cancelAgain = this.#clock.setTimer(watch.againMs, again);
    watch.againMs = Math.min(AGAIN_MS_MAX, watch.againMs * 2);
  }

  #hint(watch: Watch, line: string): void {
    const { names, isAnything, isGone } = v.parse(Changed, JSON.parse(line));
    if (isAnything || isGone) {
      this.#tellAll(watch);
      return;
    }
    const named = new Set(names);
    for (const [path, { tell }] of watch.files) {
      if (named.has(basename(path))) tell();
    }
  }

  #tellAll(watch: Watch): void {
    for (const { tell } of watch.files.values()) tell();
  }

  #reset({ stream }: Watch): void {
    stream?.reset({ code: BusCode.cancelled, message: "nothing is open here" });
  }

  #end(folder: string, watch: Watch): void {
    watch.isOver = true;
    watch.cancelAgain?.();
    this.#reset(watch);
    this.#folders.delete(folder);
  }
}
