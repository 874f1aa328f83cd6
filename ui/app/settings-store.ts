/** Settings and keys as signals, from hub.settings; changes go through hub.settings.put. */
import { type Accessor, createMemo, createSignal } from "solid-js";
import { settingPut, settings as settingsTopic } from "../../bus/contracts/hub.ts";
import type { Connection } from "../bus.ts";
import { buildKeymap, type Keymap, type UserBinding } from "../state/keymap.ts";
import { settingWords } from "../state/setting-words.ts";
import { readSettings, SETTING_KEYS, type Settings } from "../state/settings.ts";
import type { ToastStore } from "./toast-store.ts";

/** Changes within this time become one write, milliseconds. */
const PUT_SETTLE_MS = 250;
/** Mistakes told at once; all are listed in the settings. */
const PROBLEMS_SHOWN_MAX = 3;

export interface SettingsStore {
  readonly values: Accessor<Settings>;
  readonly keymap: Accessor<Keymap>;
  /** Absolute paths of the files behind them. */
  readonly files: Accessor<readonly string[]>;
  readonly problems: Accessor<readonly string[]>;
  /** Takes effect at once, is written soon; a refusal is told and undone. */
  put<K extends keyof Settings>(name: K, value: Settings[K]): void;
}

/** `edit` opens a file at a line for the person. */
export function createSettingsStore(
  connection: Connection,
  toasts: ToastStore,
  edit: (path: string, line: number) => void,
): SettingsStore {
  const [raw, setRaw] = createSignal<Readonly<Record<string, unknown>>>({});
  const [ahead, setAhead] = createSignal<Readonly<Record<string, unknown>>>({});
  const [keys, setKeys] = createSignal<readonly UserBinding[]>([]);
  const [files, setFiles] = createSignal<readonly string[]>([]);
  const [problems, setProblems] = createSignal<readonly string[]>([]);
  const keymap = createMemo(() => buildKeymap(keys()));
  let isFirst = true;
  connection.subscribe(settingsTopic, (value) => {
    setRaw(value.values);
    setFiles(value.files);
    const inKeys = buildKeymap(value.keybindings).problems;
    // At the start there is no last good file: what can be used of this one is.
    const keepsKeys = inKeys.length > 0 && !isFirst;
    if (!keepsKeys) setKeys(value.keybindings);
    const all = [...value.problems, ...inKeys];
    const fresh = all.filter((problem) => !problems().includes(problem));
    setProblems(all);
    for (const problem of fresh.slice(0, PROBLEMS_SHOWN_MAX)) {
      const inUse = keepsKeys && inKeys.includes(problem) ? "last-good" : "rest";
      const { title, text, line, file } = settingWords(problem, inUse);
      const path = value.files.find((name) => name.endsWith(`/${file}`));
      const actions = path === undefined ? [] : [{ label: "Open", run: () => edit(path, line) }];
      toasts.show({ tag: `setting ${problem}`, level: "warn", title, text, actions });
    }
    isFirst = false;
  });
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const write = async (key: string, value: unknown): Promise<void> => {
    try {
      await connection.request(settingPut, { key, value });
    } catch (error) {
      toasts.show({
        tag: `put ${key}`,
        level: "error",
        title: `${key} was not saved.`,
        text: messageOf(error),
      });
    }
  };
  return {
    values: createMemo(() => readSettings({ ...raw(), ...ahead() })),
    keymap,
    files,
    problems,
    put(name, value) {
      const key = SETTING_KEYS[name];
      setAhead((current) => ({ ...current, [key]: value }));
      clearTimeout(timers.get(key));
      timers.set(
        key,
        setTimeout(() => void write(key, value), PUT_SETTLE_MS),
      );
    },
  };
}

/** The sentence of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
