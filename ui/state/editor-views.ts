/** What is kept of editors between page loads: recent files, cursors, scroll and folds. Checked when it comes back. */
import * as v from "valibot";

/** Files offered where nothing is open. */
export const RECENT_SHOWN = 5;
const RECENT_MAX = 50;
const VIEWS_MAX = 100;
const FOLDS_MAX = 500;

const Position = v.pipe(v.number(), v.integer(), v.minValue(0));
const Path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** Of one view; positions in UTF-16 units of the text. */
const ViewState = v.object({
  ranges: v.pipe(v.array(v.tuple([Position, Position])), v.minLength(1), v.maxLength(100)),
  main: Position,
  /** Position of the first line in view. */
  top: Position,
  folds: v.pipe(v.array(v.tuple([Position, Position])), v.maxLength(FOLDS_MAX)),
});
export type ViewState = v.InferOutput<typeof ViewState>;

const Kept = v.object({
  version: v.literal(1),
  /** Absolute paths, newest first. */
  recent: v.pipe(v.array(Path), v.maxLength(RECENT_MAX)),
  /** By panel. */
  views: v.record(v.string(), ViewState),
});
export type KeptEditors = v.InferOutput<typeof Kept>;

export const NO_EDITORS: KeptEditors = { version: 1, recent: [], views: {} };

/** What was stored, or nothing when it is none. */
export function readKeptEditors(value: unknown): KeptEditors {
  const result = v.safeParse(Kept, value);
  return result.success ? result.output : NO_EDITORS;
}

/** The newest file first, each once. */
export function withRecent(kept: KeptEditors, path: string): KeptEditors {
  const recent = [path, ...kept.recent.filter((other) => other !== path)].slice(0, RECENT_MAX);
  return { ...kept, recent };
}

/** The newest views are kept, those beyond VIEWS_MAX go. */
export function withView(kept: KeptEditors, panel: string, state: ViewState): KeptEditors {
  const { [panel]: _, ...others } = kept.views;
  const views = Object.entries(others).slice(-(VIEWS_MAX - 1));
  const folds = state.folds.slice(0, FOLDS_MAX);
  return { ...kept, views: { ...Object.fromEntries(views), [panel]: { ...state, folds } } };
}
