/**
 * The hub's own files on a disk that may be full: what is refused is kept and tried again, so that a disk that has room
 * again has everything, without a restart.
 */
import type { Clock } from "../../clock.ts";
import { HubCode } from "../../contracts/hub.ts";
import { BusError } from "../../errors.ts";
import { diskWords, replaceFile } from "./write-file.ts";

/** Between two tries, milliseconds. */
const AGAIN_MS = 5_000;
/** Refused files kept, and their text together; the oldest go first. */
const KEPT_MAX = 64;
const KEPT_CHARS_MAX = 8 * 1024 * 1024;

/** Replaces a file; `whenSaved` is called if that happens later than at once. */
export type WriteFile = (path: string, text: string, whenSaved?: () => void) => void;

/** Files that are written now or later. Close it with its hub. */
export interface SavedFiles {
  /**
   * Replaces `path`, mode 0600, folder 0700. A refused one is tried again every 5 s, until it was written.
   * @throws BusError `hub/not-saved` with the reason in words: "not saved: disk full".
   */
  readonly write: WriteFile;
  close(): void;
}

/** Nothing is refused yet. `tell` hears the first reason of a trouble, and "" when it is over. */
export function createSavedFiles(clock: Clock, tell: (why: string) => void): SavedFiles {
  const kept = new Map<string, { readonly text: string; readonly whenSaved: () => void }>();
  let cancel: () => void = () => undefined;
  let isTrouble = false;
  const again = (): void => {
    for (const [path, { text, whenSaved }] of kept) {
      if (wordsOf(path, text) !== "") break;
      kept.delete(path);
      whenSaved();
    }
    if (kept.size > 0) arm();
    else {
      isTrouble = false;
      tell("");
    }
  };
  const arm = (): void => {
    cancel();
    cancel = clock.setTimer(AGAIN_MS, again);
  };
  return {
    write(path, text, whenSaved = () => undefined) {
      kept.delete(path);
      const why = wordsOf(path, text);
      if (why === "") return;
      kept.set(path, { text, whenSaved });
      dropOldest(kept);
      if (!isTrouble) {
        isTrouble = true;
        tell(why);
        arm();
      }
      throw new BusError(HubCode.notSaved, `not saved: ${why}`, { data: { path } });
    },
    close: () => cancel(),
  };
}

function wordsOf(path: string, text: string): string {
  try {
    replaceFile(path, text);
    return "";
  } catch (error) {
    return diskWords(error);
  }
}

function dropOldest(kept: Map<string, { readonly text: string }>): void {
  const chars = (): number => [...kept.values()].reduce((sum, { text }) => sum + text.length, 0);
  while (kept.size > KEPT_MAX || (kept.size > 1 && chars() > KEPT_CHARS_MAX)) {
    const [oldest] = kept.keys();
    if (oldest === undefined) return;
    kept.delete(oldest);
  }
}
