/** What is said of a mistake in settings.json or keybindings.json, and where it stands. */

/** What is in use of keybindings.json: the last good file as a whole, or what is good of this one. */
export type KeysInUse = "last-good" | "rest";

export interface SettingWords {
  /** File, line and mistake: `keybindings.json line 8: "terminal.spilt" is no command.` */
  readonly title: string;
  /** What is in use instead. */
  readonly text: string;
  /** Base name of the file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What the hub adds to a file that it cannot read at all. */
const WHOLE_FILE = " The last good values stay in use.";

/** Words for one problem as the hub or the key map tells it. */
export function settingWords(problem: string, keys: KeysInUse): SettingWords {
  const isWhole = problem.endsWith(WHOLE_FILE);
  const [, file = "settings.json", line = "1"] =
    /^([a-z]+\.json)(?: line (\d+))?/.exec(problem) ?? [];
  return {
    title: isWhole ? problem.slice(0, -WHOLE_FILE.length) : problem,
    text: inUse(file, isWhole ? "last-good" : keys),
    file,
    line: Number(line),
  };
}

function inUse(file: string, keys: KeysInUse): string {
  if (keys === "last-good") return "The last good file stays in use.";
  return file === "keybindings.json"
    ? "The rest of the file is in use."
    : "The last good value stays in use.";
}
