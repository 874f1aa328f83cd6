/** What crosses between the actor's thread and its worker. */
import type { MergeInput } from "./merge.ts";

/** Time for a piece of work in the worker; beyond it the result is coarser, milliseconds. */
export const WORKER_MS = 2_000;

/** A piece of work. */
export type Work =
  | { readonly kind: "merge"; readonly input: MergeInput }
  | { readonly kind: "compare"; readonly old: string; readonly fresh: string };
