/** What a command may touch of the world. main.ts gives the real one, tests their own. */

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths on the command line start here. */
  readonly cwd: string;
  /** Fires on Ctrl+C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Writes a line to stdout; the line end is added. */
  out(line: string): void;
  /** Resolves when stdout has room again. */
  drained(): Promise<void>;
  /** Writes a line to stderr. */
  err(line: string): void;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Resolves after `ms`; early when `signal` fires. */
  wait(ms: number): Promise<void>;
  /** Replaces this process by a program with the same environment. `argv`: the words after its name. */
  become(program: string, argv: readonly string[]): never;
}
