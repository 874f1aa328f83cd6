/** Memory limits of one process: a soft one that asks it to shed, a hard one that ends it. */

/** Resident set sizes in bytes. */
export interface MemoryLimits {
  readonly softBytes: number;
  readonly hardBytes: number;
}

/** Samples kept for the curve in a crash report: two minutes at one a second. */
export const MEMORY_SAMPLES_MAX = 120;

/** What follows from a sample. `shed` is said once per crossing: memory must fall to 90 % before it is said again. */
export function judgeMemory(
  limits: MemoryLimits,
  rssBytes: number,
  shedding: boolean,
): { readonly verdict: "none" | "shed" | "kill"; readonly shedding: boolean } {
  if (rssBytes > limits.hardBytes) return { verdict: "kill", shedding: true };
  if (rssBytes > limits.softBytes) return { verdict: shedding ? "none" : "shed", shedding: true };
  return { verdict: "none", shedding: shedding && rssBytes > limits.softBytes * 0.9 };
}

/** Whole mebibytes as people read them: "512 MB". */
export function memoryWords(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}
