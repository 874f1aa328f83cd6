/** The last command of a shell, folded from its marks. Pure: time is passed in. */
import type { CommandMark } from "../../bus/contracts/terminal.ts";
import type { OscMeaning } from "./osc.ts";

/** What is known between marks. */
export interface CommandState {
  readonly last: CommandMark | null;
  /** Command line told before its start mark. */
  readonly announced: string;
}

/** State of a shell of which no mark was seen. */
export const NO_COMMAND: CommandState = { last: null, announced: "" };

/**
 * The state after one mark.
 * @param nowMs wall clock, milliseconds since 1970.
 */
export function foldMark(state: CommandState, meaning: OscMeaning, nowMs: number): CommandState {
  switch (meaning.what) {
    case "command-line":
      return announce(state, meaning.command);
    case "command-start":
      return start(state, meaning.command, nowMs);
    case "command-end":
      return end(state, meaning.exitCode, nowMs);
    default:
      return state;
  }
}

/** A command line that comes after its start names the running command. */
function announce(state: CommandState, command: string): CommandState {
  const { last } = state;
  if (last?.state === "running" && last.command === "") {
    return { last: { ...last, command }, announced: "" };
  }
  return { last, announced: command };
}

function start(state: CommandState, command: string | undefined, nowMs: number): CommandState {
  return {
    last: {
      command: command ?? state.announced,
      state: "running",
      exitCode: null,
      startedMs: nowMs,
      durationMs: null,
    },
    announced: "",
  };
}

/** An end without a start is the mark of an empty line or of a shell's first prompt. */
function end(state: CommandState, exitCode: number | null, nowMs: number): CommandState {
  const { last } = state;
  if (last === null || last.state === "ended") return { last, announced: "" };
  const durationMs = Math.max(0, nowMs - last.startedMs);
  return { last: { ...last, state: "ended", exitCode, durationMs }, announced: "" };
}
