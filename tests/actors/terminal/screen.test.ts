import { expect, test } from "vitest";
import { type Step, seenAndShown } from "./restored-same.ts";

async function checkSame(steps: readonly Step[], scrollback = 0): Promise<void> {
  const { seen, shown } = await seenAndShown(steps, scrollback);
  expect(shown).toEqual(seen);
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
    "an erase of everything above the last cell, which ends a bare xterm",
    [{ text: `${"ab\r\n".repeat(23)}${"x".repeat(80)}\x1b[24;80H\x1b[1J` }, { text: "y" }],
  ],
  ...["L", "M", "S", "T", "I", "Z", "b"].map(
    (final): readonly [name: string, steps: readonly Step[]] => [
      `a count of 2^31 before ${final}, with which a bare xterm hangs`,
      [{ text: `one\r\ntwo\x1b[2147483647${final}x` }],
    ],
  ),
  ["half of a wide character, inverse", [{ text: "漢\x1b[7m\r" }, { text: "a" }]],
  ["a wide character that did not fit, struck out", [{ text: "\x1b[9;7m\x1b[1;80H👍" }]],
  ["bold that went while dim stayed", [{ text: "\x1b[1;2mab\x1b[22;2mcd" }]],
  [
    "margins of an alternate screen that is entered twice",
    [{ text: "\x1b[?1049h\x1b[3;12r\x1b[?1049h\x1b[3;1Ha\x1b[2L" }],
  ],
  [
    "a saved cursor that comes back after a checkpoint",
    [
      { text: "ab\x1b[31m\x1b7\x1b[m\x1b[9;9Hx" },
      { checkpoint: "thrown away" },
      { text: "\x1b8y" },
    ],
  ],
  [
    "a charset that came back with a saved cursor",
    [{ text: "\x1b7\x1b(0qq\x1b8" }, { checkpoint: "thrown away" }, { text: "q" }],
  ],
  [
    "tab stops of the program's own",
    [{ text: "\x1b[3g\x1b[1;5H\x1bH\r" }, { checkpoint: "thrown away" }, { text: "\tx" }],
  ],
  ["a soft reset", [{ text: "\x1b[?2004h\x1b[?1004h\x1b[6 q\x1b[4h\x1b[!p" }]],
  [
    "a first row that continues one which is gone",
    [
      { text: `${"x".repeat(81)}\x1b[24;1H\n` },
      { checkpoint: "thrown away" },
      { text: "\x1b[H\x1b[L" },
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

const coloured = (from: number, lines: number, look: (line: number) => string) =>
  Array.from({ length: lines }, (_, i) => `${look(from + i)}line ${from + i}`).join("\r\n");
const floods: readonly (readonly [what: string, steps: readonly Step[]])[] = [
  ["a pen of each line", [{ text: coloured(0, 1_500, (line) => `\x1b[0;${31 + (line % 7)}m`) }]],
  ["a pen set long before", [{ text: `\x1b[1;44m\x1b[3m${coloured(0, 1_500, () => "")}` }]],
  [
    "a pen set before, reset and set again",
    [
      {
        text: `\x1b[7m${coloured(0, 1_500, (line) => (line % 2 === 0 ? "\x1b[m" : "\x1b[4;45m"))}`,
      },
    ],
  ],
  ["erased ends of lines", [{ text: coloured(0, 1_500, () => "\x1b[42m\x1b[K\x1b[m") }]],
  ["a pen with a bell within it", [{ text: `\x1b[3\x071m${coloured(0, 1_500, () => "")}` }]],
  ["an 8-bit pen", [{ text: `\u009b31m${coloured(0, 1_500, () => "")}` }]],
  ["a tab stop set by an 8-bit control", [{ text: `abc\u0088${coloured(0, 1_500, () => "\t")}` }]],
  ["a pen of another kind", [{ text: `\x1b[>4;1m\x1b[33m${coloured(0, 1_500, () => "")}` }]],
  [
    "wide and joined characters",
    [{ text: coloured(0, 1_500, (line) => (line % 3 === 0 ? "\u6f22e\u0301\x1b[36m" : "")) }],
  ],
  ["bells", [{ text: coloured(0, 1_500, () => "\x07") }]],
  ["line drawing characters", [{ text: `\x1b(0${coloured(0, 1_500, () => "qx")}` }]],
  ["insert mode", [{ text: `\x1b[4h${coloured(0, 1_500, () => "ab\bc")}` }]],
  ["no wrap", [{ text: `\x1b[?7l${coloured(0, 1_500, () => "x".repeat(90))}` }]],
  [
    "an alternate screen over it",
    [{ text: `\x1b[41m${coloured(0, 1_500, () => "")}\x1b[?1049h${coloured(0, 1_500, () => "")}` }],
  ],
  [
    "a checkpoint between two floods",
    [
      { text: coloured(0, 1_500, (line) => `\x1b[${31 + (line % 7)}m`) },
      { checkpoint: "thrown away" },
      { text: `\x1b[2m${coloured(0, 1_500, () => "")}` },
    ],
  ],
];

test.each(floods)("a flood of lines with %s comes back as it is", async (_what, steps) => {
  await checkSame(steps, 1_000);
});

test("plain lines within margins are not cut short", async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i}`).join("\r\n");
  await checkSame([{ text: "top\r\n\x1b[3;10r\x1b[3;1H" }, { text: lines }]);
});
