/**
 * Whatever a program writes, and wherever its output is cut by a checkpoint: a view restored from it shows what a view
 * shows that saw everything. Left out, as no sequence can bring it back: REP of a character before the cut, and leaving
 * the alternate screen by 47 or 1047 in origin mode with the cursor outside of the margins.
 */
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type Step, seenAndShown } from "./restored-same.ts";

// Hundreds of terminals are fed; on a busy machine that takes longer than a test of one thing.
vi.setConfig({ testTimeout: 120_000 });

/** One run is always the same. BULKHEAD_RESTORE_SEED and _RUNS look further. */
const SEED = Number(process.env["BULKHEAD_RESTORE_SEED"] ?? 20_261_122);
const RUNS = Number(process.env["BULKHEAD_RESTORE_RUNS"] ?? 150);

const TEXT = [
  "a",
  "word ",
  "\u6f22",
  "\u6f22\u5b57".repeat(41),
  "\u00e9",
  "\u{1f44d}",
  "x".repeat(80),
  "a line that goes on over the end of its row ".repeat(3),
  "\r\n".repeat(30),
  // Longer than screen and scrollback: of what was before, only the state is left.
  "y\t\u6f22\r\n".repeat(1_100),
  "\x1b[35mred\x1b[K\r\n".repeat(1_100),
];
const MOVES = [
  ..."\r\n|\r|\n|\b|\t|\x1b[A|\x1b[3B|\x1b[4C|\x1b[2D|\x1b[10G|\x1b[15d|\x1b[5;7H|\x1b[24;1H".split(
    "|",
  ),
  ..."\x1b[1;80H|\x1b[12;79H|\x1bM|\x1bD|\x1bE|\x1b7|\x1b8|\x1b[s|\x1b[u|\x1b[3g|\x1bH".split("|"),
];
const EDITS = [
  ..."\x1b[J|\x1b[1J|\x1b[3J|\x1b[H\x1b[2J|\x1b[K|\x1b[1K|\x1b[2K|\x1b[5@|\x1b[4X|\x1b[3P".split(
    "|",
  ),
  ..."\x1b[L|\x1b[2L|\x1b[M|\x1b[2M|\x1b[S|\x1b[2T".split("|"),
];
const LOOKS = [
  ..."\x1b[m|\x1b[1m|\x1b[2m|\x1b[3m|\x1b[4m|\x1b[7m|\x1b[9m|\x1b[22m|\x1b[32m|\x1b[45m".split("|"),
  ..."\x1b[38;5;200m|\x1b[48;2;1;2;3m".split("|"),
];
const MODES = [
  ..."\x1b[?1049h|\x1b[m\x1b[?1049h|\x1b[?1049l|\x1b[?47h|\x1b[?1047h|\x1b[?25l|\x1b[?25h".split(
    "|",
  ),
  ..."\x1b[?1000h|\x1b[?1002h|\x1b[?1003h|\x1b[?1000l|\x1b[?1006h|\x1b[?1015h|\x1b[?1006l".split(
    "|",
  ),
  ..."\x1b[?2004h|\x1b[?1h|\x1b[?1004h|\x1b=|\x1b>|\x1b[?7l|\x1b[?7h|\x1b[?6h|\x1b[?6l".split("|"),
  ..."\x1b[4h|\x1b[4l|\x1b[3;12r|\x1b[5;20r|\x1b[20;24r|\x1b[r|\x1b[2 q|\x1b[!p|\x1bc".split("|"),
];
const CHARSETS = "\x1b(0|\x1b(B|\x1b)0|\x0e|\x0f|\x1b(0q\x1b(B".split("|");

const piece = fc
  .array(fc.constantFrom(...TEXT, ...MOVES, ...EDITS, ...LOOKS, ...MODES, ...CHARSETS), {
    maxLength: 12,
  })
  .map((tokens) => tokens.join(""));
const checkpoint = fc.constantFrom<Step["checkpoint"]>("standing", "thrown away");
const session = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: piece.map((text): Step => ({ text })) },
    { weight: 2, arbitrary: checkpoint.map((at): Step => (at ? { checkpoint: at } : {})) },
  ),
  { maxLength: 10 },
);

test("a restored view shows what one that saw everything shows, wherever it was cut", async () => {
  await fc.assert(
    fc.asyncProperty(session, async (steps) => {
      const { seen, shown } = await seenAndShown(steps);
      expect(shown).toEqual(seen);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
