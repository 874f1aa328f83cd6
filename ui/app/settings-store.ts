/** Settings and keys as signals, from hub.settings; changes go through hub.settings.put. */
import { type Accessor, createMemo, createSignal } from "solid-js";
import { settingPut, settings as settingsTopic } from "../../bus/contracts/hub.ts";
import type { Connection } from "../bus.ts";
import { buildKeymap, type Keymap } from "../state/keymap.ts";
import { readSettings, SETTING_KEYS, type Settings } from "../state/settings.ts";
import type { ToastStore } from "./toast-store.ts";

/** Changes within this time become one write, milliseconds. */
const PUT_SETTLE_MS = 250;

export interface SettingsStore {
  readonly values: Accessor<Settings>;
  readonly keymap: Accessor<Keymap>;
  /** Absolute paths of the files behind them. */
  readonly files: Accessor<readonly string[]>;
  readonly problems: Accessor<readonly string[]>;
  /** Takes effect at once, is written soon; a refusal is told and undone. */
  put<K extends keyof Settings>(name: K, value: Settings[K]): void;
}

export function createSettingsStore(connection: Connection, toasts: ToastStore): SettingsStore {
  const [raw, setRaw] = createSignal<Readonly<Record<string, unknown>>>({});
  const [ahead, setAhead] = createSignal<Readonly<Record<string, unknown>>>({});
  const [keys, setKeys] = createSignal<ReadonlyArray<{ key: string; command: string }>>([]);
  const [files, setFiles] = createSignal<readonly string[]>([]);
  const [problems, setProblems] = createSignal<readonly string[]>([]);
  const keymap = createMemo(() => buildKeymap(keys()));
  connection.subscribe(settingsTopic, (value) => {
    setRaw(value.values);
    setKeys(value.keybindings);
    setFiles(value.files);
    const fresh = value.problems.filter((problem) => !problems().includes(problem));
    setProblems(value.problems);
    for (const problem of [...fresh, ...keymap().problems].slice(0, 3)) {
      toasts.show({
        tag: `setting ${problem}`,
        level: "warn",
        title: problem,
        text: "The last good values stay in use.",
      });
    }
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
