/** The filter of one tap: frames go through it in order. */
import type { FilterMistake } from "./ast.ts";
import { createCallTimes } from "./call-times.ts";
import { compileFilter } from "./compile.ts";
import type { Filterable, FilterContext } from "./fields.ts";

/** A filter with the memory that `work` and `total` need. One for each tap. */
export interface TapFilter {
  readonly ok: true;
  /** Whether the tap takes this frame. Give it every frame, in order, also those it refuses. */
  take(record: Filterable, context: FilterContext): boolean;
}

/** Compiles the filter of a tap; `work` and `total` are known on the frame that answers a call. Never throws. */
export function compileTapFilter(text: string): TapFilter | FilterMistake {
  const filter = compileFilter(text, "tap");
  if (!filter.ok) return filter;
  if (!filter.uses.has("work") && !filter.uses.has("total")) {
    return { ok: true, take: (record, context) => filter.matches(record, context) };
  }
  const times = createCallTimes();
  return {
    ok: true,
    take: (record, context) => {
      const known = times.observe(record);
      return filter.matches(known === undefined ? record : { ...record, ...known }, context);
    },
  };
}
