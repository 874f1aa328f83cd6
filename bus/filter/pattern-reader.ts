/** What the readers of a regular expression share: the position and how they give up. */

/** Reading position in a pattern; shared with the reader of classes. */
export interface PatternReader {
  readonly text: string;
  at: number;
  depth: number;
}

/** Thrown inside the parser only; `parsePattern` turns it into a value. */
export class PatternProblem extends Error {
  override readonly name = "PatternProblem";
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}
