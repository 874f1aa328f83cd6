/** Runs a regular expression over a text, all its states side by side: time is at most states times characters. */
import { PATTERN_INPUT_MAX, PATTERN_MEMO_MAX, PATTERN_STATES_MAX } from "./limits.ts";
import { type CharTest, isWordChar } from "./pattern-class.ts";
import { type PatternMistake, type Piece, parsePattern } from "./pattern-parse.ts";

type Step =
  | { readonly type: "char"; readonly test: CharTest }
  | { readonly type: "assert"; readonly where: "start" | "end" | "word" | "no-word" }
  | { readonly type: "fork"; targets: readonly number[] }
  | { readonly type: "match" };

/** A compiled pattern. */
export interface Pattern {
  readonly ok: true;
  /** Whether it matches anywhere in the first PATTERN_INPUT_MAX characters of `input`. */
  test(input: string): boolean;
}

/** Compiles a pattern. Never throws. */
export function compilePattern(text: string): Pattern | PatternMistake {
  const parsed = parsePattern(text);
  if (!parsed.ok) return parsed;
  const steps: Step[] = [];
  if (!emit(parsed.piece, steps)) {
    return {
      ok: false,
      at: 0,
      message: `this regular expression has over ${PATTERN_STATES_MAX} states`,
    };
  }
  steps.push({ type: "match" });
  const memo = new Map<string, boolean>();
  return { ok: true, test: (input) => remembered(memo, input, () => run(steps, input)) };
}

function remembered(memo: Map<string, boolean>, input: string, answer: () => boolean): boolean {
  const known = memo.get(input);
  if (known !== undefined) return known;
  const value = answer();
  if (memo.size >= PATTERN_MEMO_MAX) memo.clear();
  if (input.length <= 200) memo.set(input, value);
  return value;
}

/** Appends the steps of `piece`; false when there are too many. */
function emit(piece: Piece, steps: Step[]): boolean {
  if (steps.length > PATTERN_STATES_MAX) return false;
  switch (piece.type) {
    case "char":
    case "assert":
      steps.push(piece);
      return true;
    case "sequence":
      return piece.parts.every((part) => emit(part, steps));
    case "choice":
      return emitChoice(piece.parts, steps);
    case "repeat":
      return emitRepeat(piece, steps);
    default:
      return piece satisfies never;
  }
}

function emitChoice(parts: readonly Piece[], steps: Step[]): boolean {
  const fork: Step = { type: "fork", targets: [] };
  steps.push(fork);
  const starts: number[] = [];
  const exits: Array<{ type: "fork"; targets: readonly number[] }> = [];
  for (const part of parts) {
    starts.push(steps.length);
    if (!emit(part, steps)) return false;
    const exit = { type: "fork" as const, targets: [] };
    exits.push(exit);
    steps.push(exit);
  }
  fork.targets = starts;
  for (const exit of exits) exit.targets = [steps.length];
  return true;
}

function emitRepeat(piece: Extract<Piece, { type: "repeat" }>, steps: Step[]): boolean {
  for (let count = 0; count < piece.least; count++) {
    const before = steps.length;
    if (!emit(piece.part, steps)) return false;
    // A part without steps stays without steps however often; nested, the counts would multiply.
    if (steps.length === before) return true;
  }
  if (piece.most === Number.POSITIVE_INFINITY) {
    const loop: Step = { type: "fork", targets: [] };
    const start = steps.length;
    steps.push(loop);
    if (!emit(piece.part, steps)) return false;
    steps.push({ type: "fork", targets: [start] });
    loop.targets = [start + 1, steps.length];
    return true;
  }
  for (let count = piece.least; count < piece.most; count++) {
    const option: Step = { type: "fork", targets: [] };
    const start = steps.length;
    steps.push(option);
    if (!emit(piece.part, steps)) return false;
    option.targets = [start + 1, steps.length];
  }
  return true;
}

function run(steps: readonly Step[], whole: string): boolean {
  const input = whole.length > PATTERN_INPUT_MAX ? whole.slice(0, PATTERN_INPUT_MAX) : whole;
  const seenAt = new Int32Array(steps.length).fill(-1);
  let current: number[] = [];
  for (let at = 0; at <= input.length; at++) {
    const reached = closure({ steps, input, seenAt }, current, at);
    if (reached === "matched") return true;
    current = advance(steps, reached, input.charCodeAt(at));
  }
  return false;
}

interface Run {
  readonly steps: readonly Step[];
  readonly input: string;
  /** By step: the last place it was looked at, so that each is looked at once a place. */
  readonly seenAt: Int32Array;
}

/** The character steps that can be reached at `at` without reading a character. */
function closure(run: Run, from: readonly number[], at: number): "matched" | readonly number[] {
  const reached: number[] = [];
  const pending = [...from, 0];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (run.seenAt[index] === at) continue;
    run.seenAt[index] = at;
    const step = run.steps[index];
    if (step === undefined) continue;
    if (step.type === "match") return "matched";
    if (step.type === "fork") pending.push(...step.targets);
    else if (step.type === "char") reached.push(index);
    else if (holds(step.where, run.input, at)) pending.push(index + 1);
  }
  return reached;
}

function advance(steps: readonly Step[], reached: readonly number[], code: number): number[] {
  const next: number[] = [];
  for (const index of reached) {
    const step = steps[index];
    if (step?.type === "char" && step.test(code)) next.push(index + 1);
  }
  return next;
}

function holds(where: "start" | "end" | "word" | "no-word", input: string, at: number): boolean {
  if (where === "start") return at === 0;
  if (where === "end") return at === input.length;
  const isEdge = isWordAt(input, at - 1) !== isWordAt(input, at);
  return isEdge === (where === "word");
}

function isWordAt(input: string, at: number): boolean {
  return at >= 0 && at < input.length && isWordChar(input.charCodeAt(at));
}
