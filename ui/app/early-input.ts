/**
 * What a person does before the tabs stand: commands and typed text are kept in their order, bounded, and done as
 * soon as they stand. Text keeps the time it was typed at, so that a terminal offers what is too old instead of
 * sending it.
 *
 *   open --command, text: kept--> settle: done in order --> settled: done at once
 */
import { HELD_BYTES_MAX } from "../state/input-buffer.ts";

/** Acts kept; further ones are refused. */
export const EARLY_ACTS_MAX = 64;

export interface EarlyInput {
  /** False until the tabs stand. */
  readonly isSettled: boolean;
  /** Does it now or as soon as the tabs stand; nothing when EARLY_ACTS_MAX are kept already. */
  act(run: () => void): void;
  /** Keeps text for the terminal that will have the focus; at most HELD_BYTES_MAX characters together. */
  text(text: string, atMs: number): void;
  /** The tabs stand: everything kept is done, text goes to `type`. Once. */
  settle(type: (text: string, atMs: number) => void): void;
}

type Early = { readonly run: () => void } | { readonly text: string; readonly atMs: number };

export function createEarlyInput(): EarlyInput {
  let kept: Early[] | undefined = [];
  let characters = 0;
  return {
    get isSettled() {
      return kept === undefined;
    },
    act(run) {
      if (kept === undefined) run();
      else if (kept.length < EARLY_ACTS_MAX) kept.push({ run });
    },
    text(text, atMs) {
      if (kept === undefined || characters + text.length > HELD_BYTES_MAX) return;
      characters += text.length;
      kept.push({ text, atMs });
    },
    settle(type) {
      const early = kept ?? [];
      kept = undefined;
      for (const one of early) {
        if ("run" in one) one.run();
        else type(one.text, one.atMs);
      }
    },
  };
}

/** Text that a key press types, for the few keys that matter at a prompt; undefined for all others. */
export function textOf(
  press: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">,
): string | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey) return undefined;
  if ([...press.key].length === 1) return press.key;
  return { Enter: "\r", Tab: "\t", Backspace: "\u007f" }[press.key];
}
