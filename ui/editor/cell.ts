/** A signal that is read by calling it and written by `set`. */
import { createSignal } from "solid-js";

export interface Cell<T> {
  (): T;
  set(value: T): void;
}

export function cell<T>(value: T): Cell<T> {
  const [get, set] = createSignal(value);
  return Object.assign(() => get(), { set: (next: T) => void set(() => next) });
}
