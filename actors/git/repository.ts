/** The workspace's repository: questions to git, and what its answers mean. */
import { type Commit, GitCode, HISTORY_MAX, type Side } from "../../bus/contracts/git.ts";
import { BusError } from "../../bus/errors.ts";
import {
  type Around,
  filterDrivers,
  gitCommand,
  historyArgs,
  LIST_FILTERS,
  SHOW_OBJECTS,
  SHOW_PREFIX,
  STATUS,
} from "./command.ts";
import { HISTORY_BYTES_MAX, readHistory } from "./history.ts";
import { isAskable, OBJECT_BYTES_MAX, sideOf } from "./object.ts";
import { inWorkspace, type Parsed, StatusReader } from "./porcelain.ts";
import type { Ended, Programs } from "./run.ts";

/** Where a text is taken from: the last commit, what is staged, or a commit by its id. */
export type From = "head" | "index" | { readonly commit: string };

/** The launcher has found no such program. */
const EXIT_NOT_FOUND = 127;
/** The launcher has started nothing. */
const EXIT_NOT_CONFINED = 125;
/** Output of the small questions. */
const WORDS_BYTES_MAX = 64 * 1024;

/** Asks git; holds nothing but which filters the settings name. */
export class Repository {
  readonly #programs: Programs;
  readonly #around: Around;
  #filters: Promise<string[]> | undefined;
  #status: Promise<Parsed> | undefined;

  constructor(programs: Programs, around: Around) {
    this.#programs = programs;
    this.#around = around;
  }

  /** Branch and changes, paths from the workspace on. Calls that come meanwhile share it. */
  status(): Promise<Parsed> {
    this.#status ??= this.#readStatus().finally(() => {
      this.#status = undefined;
    });
    return this.#status;
  }

  /** Commits that changed a file, newest first. @throws BusError `git/bad-path` as `text` does. */
  async history(
    path: string,
    signal?: AbortSignal,
  ): Promise<{ readonly commits: Commit[]; readonly isCut: boolean }> {
    mustBeAskable(path);
    const args = historyArgs(path, HISTORY_MAX + 1);
    const { text, isCut, ...ended } = await this.#words(args, HISTORY_BYTES_MAX, signal);
    if (isUnborn(ended.says)) return { commits: [], isCut: false };
    if (!isCut && ended.code !== 0) throw failure(ended);
    const commits = readHistory(text);
    return {
      commits: commits.slice(0, HISTORY_MAX),
      isCut: isCut || commits.length > HISTORY_MAX,
    };
  }

  /** A file of a commit or of the index. @throws BusError `git/bad-path` for a name that cannot be asked for. */
  async text(from: From, path: string, signal?: AbortSignal): Promise<Side> {
    mustBeAskable(path);
    const name = nameOf(from, path);
    const answer = new Uint8Array(OBJECT_BYTES_MAX);
    let length = 0;
    const take = (piece: Uint8Array): boolean => {
      const part = piece.subarray(0, answer.length - length);
      answer.set(part, length);
      length += part.length;
      return length < answer.length;
    };
    const command = gitCommand(this.#around, SHOW_OBJECTS);
    const stop = signal === undefined ? {} : { signal };
    const ended = await this.#programs.run({ command, stdin: `${name}\n`, take, ...stop });
    if (!ended.isEnough && ended.code !== 0) throw failure(ended);
    return sideOf(answer.subarray(0, length));
  }

  async #readStatus(): Promise<Parsed> {
    const filters = await this.#listFilters();
    const reader = new StatusReader();
    const take = (piece: Uint8Array): boolean => {
      reader.feed(piece);
      return !reader.isFull;
    };
    const command = gitCommand(this.#around, STATUS, filters);
    const [ended, prefix] = await Promise.all([
      this.#programs.run({ command, take }),
      this.#words(SHOW_PREFIX),
    ]);
    if (!ended.isEnough && ended.code !== 0) {
      // A filter that has come meanwhile may be the cause.
      this.#filters = undefined;
      throw failure(ended);
    }
    const parsed = reader.result();
    const text = prefix.code === 0 ? prefix.text.replace(/\n$/, "") : "";
    return { ...parsed, changes: inWorkspace(parsed.changes, text) };
  }

  #listFilters(): Promise<string[]> {
    this.#filters ??= this.#words(LIST_FILTERS).then(
      ({ text }) => filterDrivers(text.split("\0")),
      (error: unknown) => {
        this.#filters = undefined;
        throw error;
      },
    );
    return this.#filters;
  }

  async #words(
    args: readonly string[],
    charactersMax = WORDS_BYTES_MAX,
    signal?: AbortSignal,
  ): Promise<Ended & { readonly text: string; readonly isCut: boolean }> {
    const decoder = new TextDecoder();
    let text = "";
    const take = (piece: Uint8Array): boolean => {
      text += decoder.decode(piece, { stream: true });
      return text.length < charactersMax;
    };
    const command = gitCommand(this.#around, args);
    const stop = signal === undefined ? {} : { signal };
    const ended = await this.#programs.run({ command, take, ...stop });
    return { ...ended, text, isCut: ended.isEnough };
  }
}

function mustBeAskable(path: string): void {
  if (isAskable(path)) return;
  throw new BusError(GitCode.badPath, `git cannot be asked for ${JSON.stringify(path)}.`);
}

function nameOf(from: From, path: string): string {
  if (from === "head") return `HEAD:./${path}`;
  return from === "index" ? `:0:./${path}` : `${from.commit}:./${path}`;
}

/** Before its first commit a repository has no history, which is no failure. */
function isUnborn(says: string): boolean {
  return /bad revision 'HEAD'|does not have any commits yet/.test(says);
}

/** What an end with an error means. */
export function failure({ code, says }: Ended): BusError {
  if (code === EXIT_NOT_FOUND) {
    return new BusError(GitCode.noGit, "git is not installed: there is no such program in PATH.");
  }
  if (/not a git repository/.test(says)) {
    return new BusError(GitCode.noRepository, "The workspace is not in a git repository.");
  }
  const how = code === null ? "was killed" : `ended with code ${code}`;
  const what = code === EXIT_NOT_CONFINED ? "git was not started" : `git ${how}`;
  return new BusError(GitCode.failed, `${what}: ${lastLine(says)}`, { data: { code, says } });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
