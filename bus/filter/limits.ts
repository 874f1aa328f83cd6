/** Bounds of the filter language: a filter runs inside the hub, so none of it may take long. */

/** Characters of a whole filter; the `hub.tap` contract has the same bound. */
export const FILTER_TEXT_MAX = 2_000;
/** Brackets and `not` inside one another. */
export const FILTER_DEPTH_MAX = 50;
/** Characters of one regular expression. */
export const PATTERN_TEXT_MAX = 200;
/** States of one regular expression after `{m,n}` is written out. */
export const PATTERN_STATES_MAX = 1_000;
/** Characters of a value that a regular expression looks at; the rest of a longer value is not seen. */
export const PATTERN_INPUT_MAX = 4_096;
/** Answers of a regular expression that are kept, by value: subjects and names repeat. */
export const PATTERN_MEMO_MAX = 512;
/** Calls whose times a tap follows for `work` and `total`. */
export const CALLS_FOLLOWED_MAX = 8_192;
/** Proposals of one completion. */
export const COMPLETIONS_MAX = 20;
