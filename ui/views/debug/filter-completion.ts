/** Proposals of the filter line and its keys. */
import { type Accessor, createSignal } from "solid-js";
import { type Completion, completeFilter, type Proposal } from "../../../bus/filter/index.ts";
import type { Seen } from "../../state/traffic-store.ts";
import type { LiveTraffic } from "./live-traffic.ts";

export interface FilterCompletion {
  readonly proposals: Accessor<readonly Proposal[]>;
  /** Index of the chosen one, -1 for none. */
  readonly at: Accessor<number>;
  readonly attach: (input: HTMLInputElement) => void;
  /** Reads the names that were seen. */
  learn(): Promise<void>;
  propose(): void;
  take(proposal: Proposal): void;
  close(): void;
  /** `leave` is called for an Enter or Esc that no proposal takes. */
  onKeyDown(event: KeyboardEvent, leave: () => void): void;
}

const NONE: Completion = { from: 0, to: 0, proposals: [] };

export function createFilterCompletion(
  traffic: LiveTraffic,
  history: Accessor<readonly string[]>,
): FilterCompletion {
  const [completion, setCompletion] = createSignal(NONE);
  const [at, setAt] = createSignal(-1);
  let input: HTMLInputElement | undefined;
  let seen: Seen = { processes: [], subjects: [], statuses: [] };
  const show = (next: Completion, chosen: number) => {
    setCompletion(next);
    setAt(next.proposals.length === 0 ? -1 : chosen);
  };
  const propose = () => {
    if (input === undefined) return;
    show(completeFilter(input.value, input.selectionStart ?? input.value.length, seen), -1);
  };
  const take = (proposal: Proposal) => {
    if (input === undefined) return;
    const { from, to } = completion();
    const tail = input.value.slice(to);
    input.value = `${input.value.slice(0, from)}${proposal.text}${tail.startsWith(" ") ? "" : " "}${tail}`;
    void traffic.setFilterText(input.value);
    const caret = from + proposal.text.length + 1;
    input.setSelectionRange(caret, caret);
    propose();
  };
  const down = () => {
    const { proposals } = completion();
    if (proposals.length > 0) return setAt((at() + 1) % proposals.length);
    const used = history().map((text) => ({ text, says: "used before" }));
    return show({ from: 0, to: input?.value.length ?? 0, proposals: used }, 0);
  };
  const up = () => {
    const count = completion().proposals.length;
    if (count > 0) setAt((Math.max(at(), 0) - 1 + count) % count);
  };
  const close = () => show(NONE, -1);
  const chosen = () => completion().proposals[at()];
  return {
    proposals: () => completion().proposals,
    at,
    attach: (element) => {
      input = element;
    },
    learn: async () => {
      seen = await traffic.seen();
      if (document.activeElement === input && input?.value !== "") propose();
    },
    propose,
    take,
    close,
    onKeyDown: (event, leave) => {
      if (event.isComposing || event.shiftKey) return;
      const [first] = completion().proposals;
      const run = keyAct(event.key, { down, up, leave, take, chosen: chosen(), first, close });
      if (run === undefined) return;
      run();
      event.preventDefault();
      event.stopPropagation();
    },
  };
}

interface KeyActs {
  readonly down: () => void;
  readonly up: () => void;
  readonly leave: () => void;
  readonly close: () => void;
  readonly take: (proposal: Proposal) => void;
  readonly chosen: Proposal | undefined;
  readonly first: Proposal | undefined;
}

function keyAct(key: string, acts: KeyActs): (() => void) | undefined {
  const { chosen, first } = acts;
  switch (key) {
    case "ArrowDown":
      return acts.down;
    case "ArrowUp":
      return acts.up;
    case "Enter":
      return chosen === undefined ? acts.leave : () => acts.take(chosen);
    case "Escape":
      return first === undefined ? acts.leave : acts.close;
    case "Tab": {
      // Without a proposal it moves on as everywhere.
      const wanted = chosen ?? first;
      return wanted === undefined ? undefined : () => acts.take(wanted);
    }
    default:
      return undefined;
  }
}
