/** The help text, printed from the command table. */
import { type CommandSpec, commands, globalFlags } from "./command-table.ts";

/** The whole help, line by line. */
export function helpLines(): string[] {
  const lines = ["Usage: bulkhead [COMMAND] [WORDS] [FLAGS]", ""];
  const specs: ReadonlyArray<[string, CommandSpec]> = Object.entries(commands);
  for (const [name, spec] of specs) {
    lines.push(`  ${`${name} ${spec.words}`.trim()}${spec.built ? "" : "   (not built yet)"}`);
    lines.push(`      ${spec.says}`);
    for (const line of flagLines(spec.flags, 6)) lines.push(line);
  }
  lines.push("", "With every command:", ...flagLines(globalFlags, 2));
  lines.push("", "Exit: 0 done, 1 failed, 2 usage, 3 denied, 4 nothing running, 124 deadline.");
  return lines;
}

function flagLines(flags: CommandSpec["flags"], indent: number): string[] {
  return Object.entries(flags).map(([name, { value, says }]) => {
    const left = value === undefined ? `--${name}` : `--${name} ${value}`;
    return `${" ".repeat(indent)}${left.padEnd(20)} ${says}`;
  });
}
