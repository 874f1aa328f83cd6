/** The lines of the tree as they are drawn. */
import { type Accessor, createMemo } from "solid-js";
import type { ProcessRow } from "../../../bus/contracts/hub.ts";
import { type ProcessLine, type ProcessSort, processLines } from "../../state/processes.ts";

interface Ordered {
  readonly lines: readonly ProcessLine[];
  readonly sort: ProcessSort | null;
}

export interface LineOptions {
  readonly rows: Accessor<readonly ProcessRow[]>;
  readonly sort: Accessor<ProcessSort | null>;
  readonly closed: Accessor<ReadonlySet<string>>;
  /** Whether pointer or focus is inside the table. */
  readonly isInside: Accessor<boolean>;
}

/** A sorted order holds while pointer or focus is inside: nothing moves under the pointer. */
export function createLines({
  rows,
  sort,
  closed,
  isInside,
}: LineOptions): Accessor<readonly ProcessLine[]> {
  const ordered = createMemo<Ordered>(
    (before) => {
      const wanted = sort();
      const fresh = processLines(rows(), closed(), wanted);
      if (wanted === null || wanted !== before.sort || !isInside())
        return { lines: fresh, sort: wanted };
      const byName = new Map(fresh.map((line) => [line.row.name, line]));
      const kept = before.lines
        .map(({ row }) => byName.get(row.name))
        .filter((line) => line !== undefined);
      return { lines: kept.length === fresh.length ? kept : fresh, sort: wanted };
    },
    { lines: [], sort: null },
  );
  return () => ordered().lines;
}
