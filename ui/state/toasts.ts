/** Toasts on screen and the list that keeps them (ux.md section 1). Pure: the clock is passed in. */

export type Level = "ok" | "info" | "warn" | "error";

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export interface Toast {
  readonly id: number;
  /** Toasts with the same tag replace each other: a process that restarts again. */
  readonly tag: string;
  readonly level: Level;
  readonly title: string;
  readonly text: string;
  readonly atMs: number;
  readonly actions: readonly ToastAction[];
}

export type NewToast = Omit<Toast, "id" | "atMs" | "actions"> & {
  readonly actions?: readonly ToastAction[];
};

export interface Toasts {
  readonly nextId: number;
  /** On screen, newest last. */
  readonly shown: readonly Toast[];
  /** Newest last. */
  readonly kept: readonly Toast[];
  readonly unread: number;
}

export const TOASTS_SHOWN_MAX = 3;
export const TOASTS_KEPT_MAX = 200;
/** How long a toast stays, milliseconds, unless hovered or focused. */
export const TOAST_MS = 6_000;

export const NO_TOASTS: Toasts = { nextId: 1, shown: [], kept: [], unread: 0 };

/** Adds one; the oldest beyond the bound leaves the screen but stays in the list. */
export function addToast(state: Toasts, toast: NewToast, atMs: number): Toasts {
  const made: Toast = { ...toast, id: state.nextId, atMs, actions: toast.actions ?? [] };
  const others = state.shown.filter(({ tag }) => tag !== made.tag || tag === "");
  return {
    nextId: state.nextId + 1,
    shown: [...others, made].slice(-TOASTS_SHOWN_MAX),
    kept: [...state.kept, made].slice(-TOASTS_KEPT_MAX),
    unread: Math.min(state.unread + 1, TOASTS_KEPT_MAX),
  };
}

/** Adds one to the list only; the same again right after itself replaces it. It counts as read. */
export function keepToast(state: Toasts, toast: NewToast, atMs: number): Toasts {
  const made: Toast = { ...toast, id: state.nextId, atMs, actions: toast.actions ?? [] };
  const last = state.kept.at(-1);
  const isAgain = last?.tag === made.tag && last.title === made.title && last.text === made.text;
  const others = isAgain ? state.kept.slice(0, -1) : state.kept;
  return {
    ...state,
    nextId: state.nextId + 1,
    kept: [...others, made].slice(-TOASTS_KEPT_MAX),
  };
}

/** Takes one from the screen. */
export function dismissToast(state: Toasts, id: number): Toasts {
  return { ...state, shown: state.shown.filter((toast) => toast.id !== id) };
}

/** The person has the list open. */
export function readToasts(state: Toasts): Toasts {
  return state.unread === 0 ? state : { ...state, unread: 0 };
}
