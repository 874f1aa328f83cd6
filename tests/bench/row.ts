/** One measured ratio. Both figures come from the same run on the same machine. */
export interface BenchRow {
  /** What was measured, as design section 17 words it. */
  readonly what: string;
  readonly against: string;
  /** Ratio to reach; `max`: not over it, `min`: not under it. Absent: for the record. */
  readonly goal?: { readonly min: number } | { readonly max: number };
  readonly ours: number;
  readonly theirs: number;
  readonly unit: string;
  /** ours / theirs. */
  readonly ratio: number;
  /** How it was measured, in a few words. */
  readonly note?: string;
}

/** Whether a row reaches its goal. */
export function reaches(row: BenchRow): boolean {
  if (row.goal === undefined) return true;
  return "min" in row.goal ? row.ratio >= row.goal.min : row.ratio <= row.goal.max;
}

/** The middle of an odd number of measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
