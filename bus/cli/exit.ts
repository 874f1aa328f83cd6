/** How the command line ends: the exit codes scripts rely on, and the failure that carries one. */
import { BusCode, isBusError } from "../errors.ts";

/** Exit codes; their numbers never change. */
export const Exit = {
  done: 0,
  failed: 1,
  usage: 2,
  denied: 3,
  nothingRunning: 4,
  deadline: 124,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

/** An expected failure: its message is printed as it is and the process ends with `exit`. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exit: Exit;

  constructor(exit: Exit, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.exit = exit;
  }
}

/** A command line that cannot be understood. The message names the word. */
export function usageError(message: string): CommandError {
  return new CommandError(Exit.usage, `${message}\nSee: bulkhead help`);
}

/** Exit code and line for anything a command threw. */
export function explainFailure(error: unknown): { exit: Exit; message: string } {
  if (error instanceof CommandError) return { exit: error.exit, message: error.message };
  if (isBusError(error)) {
    return { exit: exitOfBusCode(error.code), message: `${error.message} (${error.code})` };
  }
  return { exit: Exit.failed, message: error instanceof Error ? error.message : String(error) };
}

function exitOfBusCode(code: string): Exit {
  switch (code) {
    case BusCode.denied:
    case BusCode.unauthorized:
    case "file-guard/denied":
      return Exit.denied;
    case BusCode.expired:
      return Exit.deadline;
    default:
      return Exit.failed;
  }
}
