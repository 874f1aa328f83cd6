/** Toasts as signals, with their timers. */
import { type Accessor, createSignal } from "solid-js";
import {
  addToast,
  dismissToast,
  keepToast,
  type NewToast,
  NO_TOASTS,
  readToasts,
  TOAST_MS,
  type Toast,
} from "../state/toasts.ts";

export interface ToastStore {
  readonly shown: Accessor<readonly Toast[]>;
  /** The last 200, newest last. */
  readonly kept: Accessor<readonly Toast[]>;
  readonly unread: Accessor<number>;
  /** Shows one for `forMs` (default 6 s); returns its id. */
  show(toast: NewToast, forMs?: number): number;
  /** Into the list only, without a count: something else in the window calls for it already. */
  keep(toast: NewToast): void;
  dismiss(id: number): void;
  /** Hovered or focused: it stays until released. */
  hold(id: number): void;
  release(id: number): void;
  markRead(): void;
}

export function createToastStore(now: () => number = Date.now): ToastStore {
  const [state, setState] = createSignal(NO_TOASTS);
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  const dismiss = (id: number): void => {
    clearTimeout(timers.get(id));
    timers.delete(id);
    setState((current) => dismissToast(current, id));
  };
  const arm = (id: number, ms: number): void => {
    timers.set(
      id,
      setTimeout(() => dismiss(id), ms),
    );
  };
  return {
    shown: () => state().shown,
    kept: () => state().kept,
    unread: () => state().unread,
    show(toast, forMs = TOAST_MS) {
      const id = state().nextId;
      setState((current) => addToast(current, toast, now()));
      arm(id, forMs);
      return id;
    },
    keep: (toast) => void setState((current) => keepToast(current, toast, now())),
    dismiss,
    hold: (id) => clearTimeout(timers.get(id)),
    release: (id) => {
      if (timers.has(id)) arm(id, TOAST_MS);
    },
    markRead: () => setState(readToasts),
  };
}
