/** How an actor ends itself so that its supervisor does the right thing. */

/** Exit code of a crash: the supervisor starts the actor again. */
export const EXIT_CRASH = 1;
/** EX_CONFIG: starting again would fail the same way, so the supervisor parks the actor. */
export const EXIT_PERMANENT = 78;

/** Throw it in `start` when a new attempt cannot help, for example because a file of the person is invalid. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}

/** The code a process ends with after `error`. */
export function exitCodeFor(error: unknown): number {
  return error instanceof PermanentError ? EXIT_PERMANENT : EXIT_CRASH;
}
