/** The filter language of ux.md section 8: the same text filters a tap in the hub and the rows of the panel. */
export type { FilterMistake, FilterNode } from "./ast.ts";
export { compileFilter, type Filter } from "./compile.ts";
export { type Completion, completeFilter, type Proposal, type SeenNames } from "./complete.ts";
export {
  DEAD_REASONS,
  type Filterable,
  type FilterContext,
  isFailure,
  KIND_GROUPS,
} from "./fields.ts";
export { parseFilter } from "./parser.ts";
export type { FilterPlace } from "./predicate.ts";
export { printFilter, printValue } from "./printer.ts";
export { compileTapFilter, type TapFilter } from "./tap.ts";
