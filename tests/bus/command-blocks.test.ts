import headless from "@xterm/headless";
import { expect, it } from "vitest";
import {
  BLOCK_COMMAND_MAX,
  BLOCKS_CHARACTERS_MAX,
  BLOCKS_MAX,
  type CommandBlock,
  CommandBlocks,
} from "../../bus/contracts/command-blocks.ts";

type Terminal = InstanceType<typeof headless.Terminal>;
type Marker = NonNullable<ReturnType<Terminal["registerMarker"]>>;

interface Scene {
  readonly terminal: Terminal;
  readonly blocks: CommandBlocks<Marker>;
  readonly failed: CommandBlock[];
}

const SIZE = { cols: 40, rows: 6, scrollback: 100, allowProposedApi: true };

function scene(): Scene {
  const terminal = new headless.Terminal(SIZE);
  const blocks = new CommandBlocks<Marker>(terminal);
  const failed: CommandBlock[] = [];
  blocks.onFailed = (block) => failed.push(block);
  return { terminal, blocks, failed };
}

function write({ terminal }: Scene, text: string): Promise<void> {
  return new Promise((resolve) => terminal.write(text, resolve));
}

const PROMPT = "\u001b]133;A\u0007$ \u001b]133;B\u0007";

/** What a shell with integration prints for one command. */
function ran(line: string, output: string, code: number): string {
  const told = `\u001b]633;E;${line.replaceAll(";", "\\x3b")}\u0007\u001b]133;C\u0007`;
  return `${PROMPT}${line}\r\n${told}${output}\u001b]133;D;${code}\u0007`;
}

function shapes({ blocks }: Scene): unknown[] {
  return blocks.all.map(({ prompt, typed, output, end, exitCode, command }) => ({
    prompt: prompt.line,
    typed: typed === undefined ? null : [typed.mark.line, typed.column],
    output: output?.line,
    end: end === undefined ? null : [end.mark.line, end.column],
    exitCode,
    command,
  }));
}

it("finds prompt, command line, output and exit code", async () => {
  const shell = scene();
  await write(shell, ran("echo a; false", "a\r\n", 1) + ran("printf b", "b", 0) + PROMPT);
  expect(shapes(shell)).toEqual([
    { prompt: 0, typed: [0, 2], output: 1, end: [2, 0], exitCode: 1, command: "echo a; false" },
    { prompt: 2, typed: [2, 2], output: 3, end: [3, 1], exitCode: 0, command: "printf b" },
    { prompt: 3, typed: [3, 3], output: undefined, end: null },
  ]);
  expect(shell.failed.map(({ command }) => command)).toEqual(["echo a; false"]);
});

it("says the same of a screen that was written down and brought back", async () => {
  const shell = scene();
  const lines = Array.from({ length: 12 }, (_, at) => ran(`job ${at}; \u00e9`, "x\r\n", at % 3));
  await write(shell, lines.join("") + PROMPT);
  const restored = scene();
  const text = Array.from({ length: 25 }, () => "x").join("\r\n");
  await write(restored, text + shell.blocks.write());
  expect(shapes(restored)).toEqual(shapes(shell));
  expect(restored.failed).toHaveLength(8);
  expect(restored.blocks.write()).toBe(shell.blocks.write());
});

it("goes on with the command that was running", async () => {
  const shell = scene();
  await write(shell, `${PROMPT}false\r\n\u001b]133;C\u0007`);
  const restored = scene();
  await write(restored, `$ false\r\n${shell.blocks.write()}`);
  await write(restored, "\u001b]133;D;7\u0007");
  expect(restored.failed.map(({ exitCode }) => exitCode)).toEqual([7]);
  expect(restored.failed[0]?.prompt.line).toBe(0);
});

it("leaves out what lies above the scrollback of the restored screen", async () => {
  const shell = scene();
  await write(shell, ran("old", "x\r\n", 1) + ran("new", "x\r\n", 1));
  const restored = scene();
  await write(restored, `$ new\r\nx\r\n${shell.blocks.write()}`);
  expect(restored.blocks.all.map(({ command }) => command)).toEqual(["new"]);
});

it("does not take an empty line for a failed command", async () => {
  const shell = scene();
  const empty = `${PROMPT}\r\n\u001b]133;D;1\u0007`;
  await write(shell, ran("false", "", 1) + empty + empty + PROMPT);
  expect(shell.failed).toHaveLength(1);
});

it("counts a prompt that is drawn again in the same line once", async () => {
  const shell = scene();
  await write(shell, `${PROMPT}\r${PROMPT}\r${PROMPT}`);
  expect(shell.blocks.all).toHaveLength(1);
});

it("takes the line above for the prompt where nobody marked one", async () => {
  const shell = scene();
  await write(shell, "$ false\r\n\u001b]133;C\u0007\u001b]133;D;1\u0007");
  expect(shell.failed[0]?.prompt.line).toBe(0);
});

it("forgets all with a full reset, and pays no heed to marks on the alternate screen", async () => {
  const shell = scene();
  await write(shell, `${ran("false", "", 1)}\u001bc\u001b[?1049h${ran("false", "", 1)}`);
  expect(shell.blocks.all).toEqual([]);
  expect(shell.blocks.write()).toBe("");
});

it("keeps its bounds", async () => {
  const terminal = new headless.Terminal({ ...SIZE, scrollback: 10_000 });
  const shell = { terminal, blocks: new CommandBlocks<Marker>(terminal), failed: [] };
  const long = "x".repeat(BLOCK_COMMAND_MAX + 1);
  await write(shell, ran(long, "", 1));
  expect(shell.blocks.all[0]?.command).toBeUndefined();
  await write(shell, ran("some command", "x\r\n", 1).repeat(BLOCKS_MAX + 50));
  expect(shell.blocks.all).toHaveLength(BLOCKS_MAX);
  const written = shell.blocks.write();
  expect(written.length).toBeLessThanOrEqual(BLOCKS_CHARACTERS_MAX + 10);
  expect(written.split(";").length).toBeGreaterThan(300);
});

it.each([
  "nonsense",
  "1,,,,,,",
  "-99999,,,,,,",
  "0,0,0,0,0,0,0,=%E0%A4%A",
  ",".repeat(20_000),
  "0,,,,,,99999999999,",
])("takes no harm from %.30s", async (entry) => {
  const shell = scene();
  await write(shell, `a\r\n\u001b]7133;${entry}\u0007`);
  const known = shell.blocks.all.map(({ command }) => command);
  expect(known.every((command) => command === undefined)).toBe(true);
});
