/**
 * settings.json and keybindings.json of the person: read at start, on every change, and written one key at a
 * time. A file with a mistake is never overwritten, and the last good values stay in force.
 */
import { type FSWatcher, mkdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { HubCode } from "../../contracts/hub.ts";
import { BusCode, BusError } from "../../errors.ts";
import { parseLocatedJson } from "./json-lines.ts";
import {
  checkKeybindings,
  checkSettings,
  type Keybinding,
  settingProblem,
} from "./settings-check.ts";
import { diskWords, replaceFile } from "./write-file.ts";

const FILE_BYTES_MAX = 1024 * 1024;
/** Editors write in several steps; one look after the last of them is enough. */
const SETTLE_MS = 100;

/** What is published as `hub.settings`. */
export interface SettingsView {
  readonly values: Record<string, unknown>;
  readonly keybindings: Array<{ key: string; command: string; line: number }>;
  readonly problems: string[];
  readonly files: string[];
}

/** Both files. Closed by its owner. */
export interface SettingsStore {
  view(): SettingsView;
  /** Writes one setting. Throws `bus/invalid` for a bad value or a file that cannot be read. */
  put(key: string, value: unknown): void;
  close(): void;
}

/** Reads both files and watches their folder; `onChange` hears every view that differs from the last. */
export function openSettings(
  folder: string,
  onChange: (view: SettingsView) => void,
): SettingsStore {
  const files = [join(folder, "settings.json"), join(folder, "keybindings.json")] as const;
  let values: Readonly<Record<string, unknown>> = {};
  let keybindings: readonly Keybinding[] = [];
  let view = look();
  function look(): SettingsView {
    const settings = checkSettings(readOrEmpty(files[0], "{}"), values);
    const keys = checkKeybindings(readOrEmpty(files[1], "[]"), keybindings);
    values = settings.good;
    keybindings = keys.good;
    return {
      values: { ...values },
      keybindings: keybindings.map(({ key, command, line }) => ({ key, command, line })),
      problems: [...settings.problems, ...keys.problems].map((problem) => problem.slice(0, 1000)),
      files: [...files],
    };
  }
  const again = (): void => {
    const next = look();
    if (JSON.stringify(next) === JSON.stringify(view)) return;
    view = next;
    onChange(view);
  };
  const watcher = watchFolder(folder, again);
  return {
    view: () => view,
    put(key, value) {
      putSetting(files[0], key, value);
      again();
    },
    close: () => watcher?.close(),
  };
}

function putSetting(file: string, key: string, value: unknown): void {
  const problem = settingProblem(key, value);
  if (problem !== null) throw new BusError(BusCode.invalid, problem);
  const json = parseLocatedJson(readOrEmpty(file, "{}"));
  if (!json.ok) {
    throw new BusError(
      BusCode.invalid,
      `settings.json line ${json.line}: ${json.message}. Mend it first`,
    );
  }
  if (typeof json.value !== "object" || json.value === null || Array.isArray(json.value)) {
    throw new BusError(BusCode.invalid, "settings.json line 1: expected an object. Mend it first");
  }
  try {
    replaceFile(file, `${JSON.stringify({ ...json.value, [key]: value }, null, 2)}\n`);
  } catch (error) {
    throw new BusError(HubCode.notSaved, `${key} is not saved: ${diskWords(error)}`, {
      cause: error,
    });
  }
}

function readOrEmpty(file: string, empty: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return empty;
    // Shown as a mistake on line 1, which keeps the last good values.
    return `unreadable: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (text.length > FILE_BYTES_MAX)
    return `too long: ${text.length} characters, at most ${FILE_BYTES_MAX}`;
  return text.trim() === "" ? empty : text;
}

function watchFolder(folder: string, look: () => void): FSWatcher | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    let timer: NodeJS.Timeout | undefined;
    const watcher = watch(folder, () => {
      clearTimeout(timer);
      timer = setTimeout(look, SETTLE_MS);
    });
    watcher.on("error", () => watcher.close());
    watcher.unref();
    return watcher;
  } catch {
    // No watch (limit of inotify reached): changes are seen at the next start and after each put.
    return null;
  }
}
