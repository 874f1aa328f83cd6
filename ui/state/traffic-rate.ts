/** How many a second, over the last two seconds. */

export interface Rate {
  add(count: number): void;
  perSecond(): number;
}

const SLICE_MS = 250;
const SLICES = 8;

/** `now` in milliseconds; only differences count. */
export function createRate(now: () => number): Rate {
  const counts = new Float64Array(SLICES);
  let slice = Math.floor(now() / SLICE_MS);
  const advance = () => {
    const current = Math.floor(now() / SLICE_MS);
    const passed = Math.min(Math.max(0, current - slice), SLICES);
    for (let step = 1; step <= passed; step++) counts[(slice + step) % SLICES] = 0;
    slice = Math.max(slice, current);
  };
  return {
    add: (count) => {
      advance();
      counts[slice % SLICES] = (counts[slice % SLICES] ?? 0) + count;
    },
    perSecond: () => {
      advance();
      return (counts.reduce((sum, count) => sum + count, 0) * 1_000) / (SLICES * SLICE_MS);
    },
  };
}
