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
    traffic.setFilterText(input.value);
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
  const enter = (leave: () => void) => {
    const chosen = completion().proposals[at()];
    if (chosen === undefined) leave();
    else take(chosen);
  };
  const giveUp = (leave: () => void) =>
    completion().proposals.length > 0 ? show(NONE, -1) : leave();
  /** Tab takes the chosen proposal or the first; without any it moves on as everywhere. */
  const tab = () => {
    const { proposals } = completion();
    const chosen = proposals[at()] ?? proposals[0];
    return chosen === undefined ? undefined : () => take(chosen);
  };
  const onKeyDown = (event: KeyboardEvent, leave: () => void) => {
    if (event.isComposing || event.shiftKey) return;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: down,
      ArrowUp: up,
      Enter: () => enter(leave),
      Escape: () => giveUp(leave),
    };
    const run = event.key === "Tab" ? tab() : keys[event.key];
    if (run === undefined) return;
    run();
    event.preventDefault();
    event.stopPropagation();
  };
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
    close: () => show(NONE, -1),
    onKeyDown,
  };
}
