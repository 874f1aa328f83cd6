/** The key after the leader, as data: what may follow and which command it runs. */
import { type KeyPress, letterOf, matches, parseChord } from "./chord.ts";
import { allCommands, type Command, type CommandId } from "./commands.ts";

/** Milliseconds after which a waiting leader gives up. */
export const LEADER_TIMEOUT_MS = 10_000;

export interface LeaderRow {
  readonly key: string;
  readonly command: Command;
}

/** All rows, in the order of the table. */
export function leaderRows(): readonly LeaderRow[] {
  return allCommands().flatMap((command) =>
    command.leader === undefined ? [] : [{ key: command.leader, command }],
  );
}

/** The command of the press that follows the leader; modifiers but Shift are ignored for letters. */
export function leaderCommand(press: KeyPress): CommandId | undefined {
  const bare = { ...press, ctrlKey: false, altKey: false };
  const found = leaderRows().find(({ key }) => {
    if (/^[a-z]$/.test(key)) return letterOf(press) === key;
    const chord = parseChord(key);
    return typeof chord !== "string" && matches(chord, bare);
  });
  return found?.command.id as CommandId | undefined;
}

/** Whether a press is a modifier alone, which the leader waits through. */
export function isModifier(press: KeyPress): boolean {
  return ["Shift", "Control", "Alt", "Meta", "AltGraph"].includes(press.key);
}
