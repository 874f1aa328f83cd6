/** The last minutes of memory by process, for the small curves. Pure: the clock is passed in. */
import type { ProcessRow } from "../../bus/contracts/hub.ts";

export interface MemoryHistory {
  /** Adds a sample of each row; at most one a second each. */
  add(atMs: number, rows: readonly ProcessRow[]): void;
  /** Bytes, oldest first, at most 300 (5 minutes). A restarted process starts anew. */
  of(row: ProcessRow): readonly number[];
}

const SAMPLES_MAX = 300;
const SAMPLE_MS = 900;

interface Samples {
  readonly epoch: number;
  readonly atMs: number;
  readonly bytes: readonly number[];
}

export function createMemoryHistory(): MemoryHistory {
  let samples = new Map<string, Samples>();
  return {
    add: (atMs, rows) => {
      const next = new Map<string, Samples>();
      for (const row of rows) {
        const added = withSample(samples.get(row.name), row, atMs);
        if (added !== undefined) next.set(row.name, added);
      }
      samples = next;
    },
    of: (row) => samples.get(row.name)?.bytes ?? [],
  };
}

function withSample(
  known: Samples | undefined,
  row: ProcessRow,
  atMs: number,
): Samples | undefined {
  if (row.rssBytes === null) return known;
  if (known === undefined || known.epoch !== row.epoch)
    return { epoch: row.epoch, atMs, bytes: [row.rssBytes] };
  if (atMs - known.atMs < SAMPLE_MS) return known;
  return { epoch: row.epoch, atMs, bytes: [...known.bytes, row.rssBytes].slice(-SAMPLES_MAX) };
}
