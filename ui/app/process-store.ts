/** All processes as the hub tells them, by name, and a clock for what counts seconds. */
import { type Accessor, createSignal, onCleanup } from "solid-js";
import {
  act as actMethod,
  type ProcessAct,
  type ProcessRow,
  processes as processesTopic,
} from "../../bus/contracts/hub.ts";
import type { Connection } from "../bus.ts";
import { messageOf } from "./settings-store.ts";
import type { ToastStore } from "./toast-store.ts";

/** How often counting words are renewed, milliseconds. */
const TICK_MS = 250;

export interface ProcessStore {
  readonly rows: Accessor<readonly ProcessRow[]>;
  row(name: string): ProcessRow | undefined;
  /** Wall clock, renewed four times a second. */
  readonly nowMs: Accessor<number>;
  /** Does it and says what came of it. */
  act(name: string, act: ProcessAct): Promise<void>;
}

/** Lives in the calling reactive scope. */
export function createProcessStore(connection: Connection, toasts: ToastStore): ProcessStore {
  const [rows, setRows] = createSignal<readonly ProcessRow[]>([]);
  const [nowMs, setNowMs] = createSignal(Date.now());
  const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
  const subscription = connection.subscribe(processesTopic, (value) => setRows(value.processes), {
    policy: "conflate",
  });
  onCleanup(() => {
    clearInterval(timer);
    subscription.unsubscribe();
  });
  return {
    rows,
    row: (name) => rows().find((row) => row.name === name),
    nowMs,
    async act(name, act) {
      try {
        const { sentence } = await connection.request(actMethod, { name, act, endShells: false });
        toasts.show({ tag: `act ${name}`, level: "info", title: sentence, text: "" });
      } catch (error) {
        toasts.show({
          tag: `act ${name}`,
          level: "error",
          title: `${act} ${name} failed.`,
          text: messageOf(error),
        });
      }
    },
  };
}
