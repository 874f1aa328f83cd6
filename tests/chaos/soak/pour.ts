/** Run in a terminal: writes the pattern, as many bytes as the argument says, as fast as they are taken. */
import { writeSync } from "node:fs";
import { patternTurn } from "./pattern.ts";

const turn = patternTurn();
let left = Number(process.argv[2]);
while (left > 0) {
  let piece = turn.subarray(0, Math.min(left, turn.length));
  left -= piece.length;
  while (piece.length > 0) piece = piece.subarray(writeSync(1, piece));
}
