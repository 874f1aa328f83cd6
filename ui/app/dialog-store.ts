/** At most one dialog. Esc is Cancel; Enter takes the default, which never destroys. */
import { type Accessor, createSignal } from "solid-js";

export interface DialogButton {
  /** What `ask` resolves with. */
  readonly value: string;
  readonly label: string;
  /** The least harmful one. */
  readonly isDefault?: boolean;
}

export interface DialogRequest {
  readonly title: string;
  /** Lines of text; at most 12 are shown, then "and n more". */
  readonly lines: readonly string[];
  /** Fixed-width block under the lines: the text of a paste. */
  readonly preview?: string;
  readonly buttons: readonly DialogButton[];
  /** A check box above the buttons. */
  readonly check?: string;
  /** A line of text to fill in, with its label and first value. */
  readonly field?: { readonly label: string; readonly value: string };
}

export interface DialogAnswer {
  /** `cancel` for Esc. */
  readonly value: string;
  readonly checked: boolean;
  readonly text: string;
}

export interface DialogStore {
  readonly current: Accessor<DialogRequest | undefined>;
  /** Resolves with the button's value; with `cancel` at once when another dialog is open. */
  ask(request: DialogRequest): Promise<DialogAnswer>;
  answer(answer: DialogAnswer): void;
}

export const CANCELLED: DialogAnswer = { value: "cancel", checked: false, text: "" };

export function createDialogStore(): DialogStore {
  const [current, setCurrent] = createSignal<DialogRequest | undefined>(undefined);
  let settle: ((answer: DialogAnswer) => void) | undefined;
  return {
    current,
    ask(request) {
      if (settle !== undefined) return Promise.resolve(CANCELLED);
      setCurrent(request);
      return new Promise((resolve) => {
        settle = resolve;
      });
    },
    answer(answer) {
      const done = settle;
      settle = undefined;
      setCurrent(undefined);
      done?.(answer);
    },
  };
}
