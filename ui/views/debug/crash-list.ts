/** Crash reports as the hub tells them, newest first. */
import { type Accessor, createSignal, onCleanup } from "solid-js";
import {
  type CrashHead,
  type CrashReport,
  crashesList,
  crashes as crashesTopic,
  crashGet,
} from "../../../bus/contracts/hub.ts";
import type { Connection } from "../../bus.ts";

/** Heads kept in the list. */
const HEADS_MAX = 200;

export interface CrashList {
  readonly heads: Accessor<readonly CrashHead[]>;
  /** Empty until the list could be read; then the reason it could not. */
  readonly problem: Accessor<string>;
  readonly selected: Accessor<string | undefined>;
  select(id: string | undefined): void;
  report(id: string): Promise<CrashReport>;
}

/** Lives in the calling reactive scope. */
export function createCrashList(connection: Connection): CrashList {
  const [heads, setHeads] = createSignal<readonly CrashHead[]>([]);
  const [problem, setProblem] = createSignal("");
  const [selected, select] = createSignal<string | undefined>(undefined);
  const add = (more: readonly CrashHead[]) =>
    setHeads((known) => {
      const byId = new Map([...known, ...more].map((head) => [head.id, head]));
      return [...byId.values()].sort((a, b) => b.atMs - a.atMs).slice(0, HEADS_MAX);
    });
  const subscription = connection.subscribe(crashesTopic, (head) => add([head]));
  onCleanup(() => subscription.unsubscribe());
  connection.request(crashesList, {}).then(
    ({ crashes }) => add(crashes),
    (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
  );
  return {
    heads,
    problem,
    selected,
    select,
    report: (id) => connection.request(crashGet, { id }),
  };
}
