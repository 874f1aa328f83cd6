import fc from "fast-check";
import { expect, test } from "vitest";
import { readScreen, storeScreen } from "../../../actors/terminal/checkpoint.ts";
import { ScreenStore } from "../../../actors/terminal/screen-store.ts";
import { SimulatedClock } from "../../../bus/clock.ts";
import { Onlooker } from "./terminal-picture.ts";

const encoder = new TextEncoder();

function store(cols: number, rows: number, clock: SimulatedClock): ScreenStore {
  const quiet = { bell: () => undefined, osc: () => undefined };
  return new ScreenStore({ offset: 0, cols, rows, screen: null, clock }, quiet);
}

interface Step {
  readonly text?: string;
  readonly size?: readonly [cols: number, rows: number];
  /** Write the screen down here, so that the next one builds on it, or on the terminal that still stands. */
  readonly checkpoint?: "standing" | "thrown away";
}

/** Feeds a terminal that sees everything and one that is restored; both must look the same. */
async function checkSame(steps: readonly Step[], scrollback = 0): Promise<void> {
  const witness = new Onlooker(80, 24);
  const clock = new SimulatedClock();
  const kept = store(80, 24, clock);
  for (const step of steps) {
    if (step.text !== undefined) {
      await witness.write(step.text);
      kept.append(encoder.encode(step.text));
    }
    if (step.size !== undefined) {
      witness.resize(...step.size);
      kept.resized(...step.size);
    }
    if (step.checkpoint !== undefined) await kept.write();
    if (step.checkpoint === "thrown away") clock.advance(2000);
  }
  const screen = await kept.write();
  const stored = storeScreen(screen);
  const read = stored === undefined ? undefined : readScreen(stored);
  const restored = new Onlooker(screen.cols, screen.rows);
  await restored.write(read?.text ?? "");
  for (const slice of kept.history.slices(screen.offset)) await restored.write(slice);
  const [seen, shown] = [await witness.look(scrollback), await restored.look(scrollback)];
  expect(shown).toEqual(seen);
  witness.dispose();
  restored.dispose();
}

const sessions: ReadonlyArray<readonly [name: string, steps: readonly Step[]]> = [
  ["an empty screen", []],
  ["a prompt", [{ text: "hello\r\n$ " }]],
  ["colours that are still on", [{ text: "\x1b[1;38;2;1;2;3;48;5;20mx" }]],
  [
    "an alternate screen over a coloured normal one",
    [{ text: "\x1b[41mnormal\x1b[?1049h\x1b[2J\x1b[m\x1b[5;5Hx" }],
  ],
  ["an alternate screen that was left", [{ text: "a\x1b[?1049hb\x1b[?1049lc" }]],
  ["mouse with SGR encoding", [{ text: "\x1b[?1000h\x1b[?1006h" }]],
  ["of two mouse modes the last", [{ text: "\x1b[?1002h\x1b[?1000h\x1b[?1006h\x1b[?1015h" }]],
  ["a hidden cursor", [{ text: "\x1b[?25lx" }]],
  ["a bar cursor", [{ text: "\x1b[6 q" }]],
  ["margins with the cursor inside", [{ text: "\x1b[5;10r\x1b[7;3Hx" }]],
  ["margins down to the end", [{ text: "\x1b[5r\x1b[7;3Hx" }]],
  ["margins with origin mode", [{ text: "\x1b[5;10r\x1b[?6h\x1b[2;3Hx" }]],
  ["line drawing characters", [{ text: "\x1b(0qqx\x1b(Bx\x1b)0\x0e" }]],
  ["bracketed paste and application keys", [{ text: "\x1b[?2004h\x1b[?1h\x1b=" }]],
  ["no wrap", [{ text: "\x1b[?7l" }]],
  ["insert mode", [{ text: "abc\x1b[4h\x1b[2D" }]],
  ["keyboard flags", [{ text: "\x1b[>1u\x1b[>5u\x1b[<u\x1b[>4;2m" }]],
  ["a reset after all of it", [{ text: "\x1b[?1000h\x1b[5;10r\x1b(0\x1bcx" }]],
  ["wide characters and a wrapped line", [{ text: `${"漢字".repeat(30)}👍 x` }]],
  ["a half received sequence", [{ text: "abc\x1b[3" }]],
  ["a line that fills its row", [{ text: "x".repeat(80) }]],
  ["a smaller window", [{ text: "hello\r\n$ " }, { size: [40, 10] }, { text: "x" }]],
  [
    "a checkpoint between",
    [{ text: "\x1b[?1049h\x1b[?25lab" }, { checkpoint: "thrown away" }, { text: "cd\x1b[?1006h" }],
  ],
  [
    "sizes before and after a checkpoint",
    [
      { text: "one\r\n" },
      { size: [60, 20] },
      { text: "two\r\n" },
      { checkpoint: "thrown away" },
      { size: [100, 30] },
      { text: "three" },
    ],
  ],
  [
    "an erase with a background",
    [
      { text: "\x1b[44m\x1b[2J\x1b[3;3Hx\x1b[m" },
      { checkpoint: "thrown away" },
      { text: "\x1b[5;1Hy" },
    ],
  ],
];

test.each(sessions)("a restored view shows %s as one that saw all", async (_name, steps) => {
  await checkSame(steps);
});

test("3,000 plain lines come back as the last 1,000 of them, cut or not", async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i}`).join("\r\n");
  await checkSame([{ text: "\x1b[31mred\x1b[m\r\n" }, { text: lines }], 1000);
});

test("plain lines within margins are not cut short", async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i}`).join("\r\n");
  await checkSame([{ text: "top\r\n\x1b[3;10r\x1b[3;1H" }, { text: lines }]);
});

const token = fc.constantFrom(
  ...[
    "a",
    "word ",
    "\r\n",
    "\r",
    "\x1b[A",
    "\x1b[5;7H",
    "\x1b[J",
    "\x1b[K",
    "\x1b[1m",
    "\x1b[m",
    "\x1b[7m",
  ],
  ...[
    "\x1b[32m",
    "\x1b[45m",
    "\x1b[2L",
    "\x1b[M",
    "\x1b[3P",
    "漢",
    "\x1b[m\x1b[?1049h",
    "\x1b[?1049l",
    "\t",
  ],
  ...["\x1b[?25l", "\x1b[?1002h", "\x1b[?1006h", "\x1b[3;12r", "\x1b[r", "\x1b(0q\x1b(B"],
);

test("random sessions with checkpoints anywhere look the same", async () => {
  const steps = fc.array(
    fc.record({ text: fc.array(token, { maxLength: 12 }).map((parts) => parts.join("")) }),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.nat(5),
      fc.constantFrom("standing", "thrown away"),
      async (list, at, checkpoint) => {
        const withCheckpoint: Step[] = list.flatMap((step, i) =>
          i === at ? [step, { checkpoint }] : [step],
        );
        await checkSame(withCheckpoint);
      },
    ),
    { numRuns: 60 },
  );
});
