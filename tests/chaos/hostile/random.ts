/** Random choices that a printed seed repeats. */
import { seeded } from "../soak/seeded.ts";

/** A stream of choices; two of the same seed are equal. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from 0 to `below` - 1. */
  int(below: number): number;
  /** One of the given. @throws Error when there is none. */
  pick<T>(from: readonly T[]): T;
  bytes(count: number): Uint8Array;
}

/** Makes one that repeats itself for the same seed. */
export function randomFrom(seed: number): Random {
  const next = seeded(seed);
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    pick<T>(from: readonly T[]): T {
      if (from.length === 0) throw new Error("nothing to choose from");
      return from[int(from.length)] as T;
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => int(256)),
  };
}

/** The seed of this run: BULKHEAD_SEED, else the given one. */
export function seedOr(fallback: number): number {
  const given = Number(process.env["BULKHEAD_SEED"]);
  return Number.isInteger(given) && given > 0 ? given : fallback;
}
