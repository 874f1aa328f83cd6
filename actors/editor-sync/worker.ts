/** The worker's side of `merger.ts`: a thread of its own, started by piscina. */
import { compareTexts } from "./compare-texts.ts";
import { untilMs } from "./line-diff.ts";
import { merge } from "./merge.ts";
import { WORKER_MS, type Work } from "./work.ts";

/** Does one piece of work. */
export function work(asked: Work): unknown {
  const now = () => performance.now();
  const budget = untilMs(now() + WORKER_MS, now);
  if (asked.kind === "merge") return merge(asked.input, budget);
  return compareTexts(asked.old, asked.fresh, budget);
}
