/** Bounds of the panel's traffic store. */

/** Rows kept: calls, events and streams. */
export const ROWS_MAX = 200_000;
/** Single frames kept for "Every frame". */
export const FRAMES_MAX = 100_000;
/** Control frames kept. */
export const CONTROL_MAX = 20_000;
/** Different names (processes, subjects, codes) that are told apart. */
export const NAMES_MAX = 60_000;
/** Calls and streams followed while they are under way; the oldest is forgotten first. */
export const OPEN_MAX = 16_384;
/** One batch of a tap; the hub's own queue for a tap is 4 MiB. */
export const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** Rows of one look. */
export const LOOK_ROWS_MAX = 500;
/** While paused, this part of the rows may still be overwritten before the tap is held. */
export const PAUSE_SLACK = 0.25;
/** Values proposed while a filter is typed, of each sort. */
export const SEEN_MAX = 500;
