/** Watches the folders that are unfolded. A watch is a hint that may be lost, so whatever ends one reads the folder again. */
import { type Path, watch as watchStream } from "../../bus/contracts/file-guard.ts";
import type { Connection } from "../bus.ts";

/** Folders watched at once; those beyond are read when the window comes to the front. */
export const WATCHED_MAX = 200;
/** Changes within this time are one, milliseconds. */
const SETTLE_MS = 80;
/** First wait before a watch that failed is made again, milliseconds; doubles up to AGAIN_MS_MAX. */
const AGAIN_MS_MIN = 500;
const AGAIN_MS_MAX = 30_000;

export interface FolderWatches {
  /** Watches exactly these folders, by key. */
  keep(folders: ReadonlyMap<string, Path>): void;
  close(): void;
}

export function createFolderWatches(
  connection: Connection,
  changed: (key: string) => void,
): FolderWatches {
  const live = new Map<string, AbortController>();
  return {
    keep(folders) {
      for (const [key, end] of live) {
        if (folders.has(key)) continue;
        end.abort();
        live.delete(key);
      }
      for (const [key, path] of folders) {
        if (live.has(key) || live.size >= WATCHED_MAX) continue;
        const end = new AbortController();
        live.set(key, end);
        void follow(connection, path, { signal: end.signal, changed: () => changed(key) });
      }
    },
    close() {
      for (const end of live.values()) end.abort();
      live.clear();
    },
  };
}

interface Follower {
  readonly signal: AbortSignal;
  readonly changed: () => void;
}

/** Until it is aborted: a watch that ends is made again, ever more slowly while that fails. */
async function follow(connection: Connection, path: Path, follower: Follower): Promise<void> {
  const { signal, changed } = follower;
  let againMs = AGAIN_MS_MIN;
  while (!signal.aborted) {
    try {
      const stream = await connection.open(watchStream, { path }, { signal });
      againMs = AGAIN_MS_MIN;
      const stop = (): void => stream.reset({ code: "bus/cancelled", message: "folded" });
      signal.addEventListener("abort", stop, { once: true });
      // What happened before the watch stood was told to nobody.
      changed();
      await drain(stream, changed);
      signal.removeEventListener("abort", stop);
    } catch {
      // The guard is away, or the folder cannot be watched: it is tried again.
    }
    if (signal.aborted) return;
    await pause(againMs, signal);
    againMs = Math.min(againMs * 2, AGAIN_MS_MAX);
  }
}

async function drain(chunks: AsyncIterable<Uint8Array>, changed: () => void): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for await (const _ of chunks) {
      timer ??= setTimeout(() => {
        timer = undefined;
        changed();
      }, SETTLE_MS);
    }
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
