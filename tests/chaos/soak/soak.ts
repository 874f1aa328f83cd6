/** What a long drill is: it runs on real processes, counts, and says what did not hold. */

/** One long drill. */
export interface Soak {
  /** Short name, as an option takes it: `fast-exits`. */
  readonly name: string;
  /** What it proves, as a sentence without a full stop. */
  readonly what: string;
  /** How many of its unit a full run takes. */
  readonly count: number;
  /** What is counted: `commands`, `seconds`. */
  readonly unit: string;
  run(options: SoakOptions): Promise<SoakResult>;
}

/** How much of it, and who hears of it. */
export interface SoakOptions {
  /** At least 1; smaller than the full count where time is short. */
  readonly count: number;
  /** Chooses what is left to chance; the same seed makes the same choices. */
  readonly seed: number;
  /** Takes a line of words while it runs. */
  readonly report: (line: string) => void;
}

/** What came of it. It has passed when there are no failures. */
export interface SoakResult {
  /** Measured values by name, with the unit last in the name. */
  readonly figures: Readonly<Record<string, number>>;
  /** What did not hold, in words; bounds and values included. */
  readonly failures: readonly string[];
}
