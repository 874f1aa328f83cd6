/** One run of a program through the runner: what it writes, how it ends, and that it ends. */
import type { Clock } from "../../bus/clock.ts";
import { GIT_TIMEOUT_MS, GitCode } from "../../bus/contracts/git.ts";
import * as runner from "../../bus/contracts/runner.ts";
import { BusError } from "../../bus/errors.ts";
import type { BusStream, Peer } from "../../bus/peer.ts";
import type { Command } from "./command.ts";

/** What a run takes and gives. */
export interface Job {
  readonly command: Command;
  readonly stdin?: string;
  /** Takes stdout piece by piece; false: enough, the program is ended. */
  take(piece: Uint8Array): boolean;
  /** Ends the program. */
  readonly signal?: AbortSignal;
}

/** How a program ended. */
export interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  /** The end of what it wrote to stderr. */
  readonly says: string;
  /** Whether `take` had enough. */
  readonly isEnough: boolean;
}

/** Programs at once; more wait. */
const RUNS_MAX = 3;
/** Runs that wait. */
const WAITING_MAX = 256;
const SAYS_CHARS_MAX = 2_000;
const KILL = 9;
/** Ends of programs that are remembered until somebody asks. */
const ENDS_MAX = 256;

/** Runs programs. Lives as long as the peer. */
export class Programs {
  readonly #peer: Peer;
  readonly #clock: Clock;
  readonly #ends = new Map<string, (code: number | null) => void>();
  readonly #ended = new Map<string, number | null>();
  readonly #waiting: Array<() => void> = [];
  #running = 0;

  constructor(peer: Peer, clock: Clock) {
    this.#peer = peer;
    this.#clock = clock;
    peer.subscribe(runner.exited, ({ program, exit }) => this.#noteEnd(program, exit.code));
  }

  /**
   * Runs it to its end.
   * @throws BusError `git/timeout` after GIT_TIMEOUT_MS, `bus/limit` when too many wait, and what the runner says.
   */
  async run(job: Job): Promise<Ended> {
    await this.#turn();
    try {
      return await this.#runNow(job);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < RUNS_MAX) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= WAITING_MAX) {
      throw new BusError("bus/limit", `${WAITING_MAX} questions wait for git, which is the most.`);
    }
    await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#running++;
  }

  async #runNow({ command, stdin, take, signal }: Job): Promise<Ended> {
    signal?.throwIfAborted();
    const { program } = await this.#peer.request(runner.spawn, command);
    const kill = (): void => {
      this.#peer.request(runner.signal, { program, signal: KILL }).catch(() => undefined);
    };
    const late = Promise.withResolvers<never>();
    const stopTimer = this.#clock.setTimer(GIT_TIMEOUT_MS, () => {
      kill();
      const text = `git took longer than ${GIT_TIMEOUT_MS / 1000} s and was ended.`;
      late.reject(new BusError(GitCode.timeout, text));
    });
    signal?.addEventListener("abort", kill, { once: true });
    const state = { isEnough: false };
    const enough = (piece: Uint8Array): void => {
      if (state.isEnough || take(piece)) return;
      state.isEnough = true;
      kill();
    };
    try {
      const whole = this.#readWhole(program, { stdin, take: enough });
      const { code, says } = await Promise.race([whole, late.promise]);
      return { code, says, isEnough: state.isEnough };
    } catch (error) {
      kill();
      throw error;
    } finally {
      stopTimer();
      signal?.removeEventListener("abort", kill);
      this.#ends.delete(program);
    }
  }

  async #readWhole(
    program: string,
    { stdin, take }: { stdin: string | undefined; take: (piece: Uint8Array) => void },
  ): Promise<{ code: number | null; says: string }> {
    const [stdout, stderr] = await Promise.all([
      this.#peer.open(runner.stdout, { program }),
      this.#peer.open(runner.stderr, { program }),
    ]);
    if (stdin !== undefined) await this.#write(program, stdin);
    const [, says] = await Promise.all([readAll(stdout, take), tail(stderr)]);
    return { code: await this.#end(program), says };
  }

  /** A program that has ended already needs no input. */
  async #write(program: string, text: string): Promise<void> {
    try {
      const stdin = await this.#peer.open(runner.stdin, { program });
      await stdin.write(new TextEncoder().encode(text));
      stdin.end();
    } catch {
      // How it ended tells more.
    }
  }

  #noteEnd(program: string, code: number | null): void {
    const waiting = this.#ends.get(program);
    if (waiting !== undefined) return waiting(code);
    this.#ended.set(program, code);
    const oldest = this.#ended.keys().next().value;
    if (this.#ended.size > ENDS_MAX && oldest !== undefined) this.#ended.delete(oldest);
  }

  #end(program: string): Promise<number | null> {
    const code = this.#ended.get(program);
    if (code !== undefined) {
      this.#ended.delete(program);
      return Promise.resolve(code);
    }
    return new Promise((resolve) => this.#ends.set(program, resolve));
  }
}

async function readAll(
  stream: BusStream<object>,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  for await (const piece of stream) take(piece);
}

async function tail(stream: BusStream<object>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  await readAll(stream, (piece) => {
    text = (text + decoder.decode(piece, { stream: true })).slice(-SAYS_CHARS_MAX);
  });
  return text.trim();
}
