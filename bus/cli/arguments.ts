/** Turns the words after `bulkhead` into a command, or says which word is wrong. */
import { parseArgs } from "node:util";
import {
  type CommandName,
  type CommandSpec,
  commands,
  type FlagSpec,
  globalFlags,
  isCommandName,
} from "./command-table.ts";
import { usageError } from "./exit.ts";

/** A command line that fits the table. Values of flags are still text. */
export interface Invocation {
  readonly command: CommandName | "help" | "version";
  readonly words: readonly string[];
  /** Text of each flag given; switches have "". */
  readonly flags: ReadonlyMap<string, string>;
  readonly json: boolean;
  readonly runtimeDir: string | undefined;
}

/**
 * Reads a command line. Without a command it is `open`.
 * @throws CommandError with exit 2 that names the word
 */
export function parseInvocation(argv: readonly string[]): Invocation {
  const { tokens } = parseArgs({
    args: [...argv],
    options: parserOptions(),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const first = words[0] ?? "open";
  if (isCommandName(first) && !commands[first].built) return invocation(first, [], new Map());
  const flags = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "option") flags.set(token.name, flagText(token));
  }
  if (flags.has("version")) return invocation("version", [], flags);
  if (flags.has("help") || first === "help") return invocation("help", words, flags);
  if (!isCommandName(first)) throw usageError(`unknown command: ${first}`);
  checkFlags(first, flags);
  const rest = words.slice(1);
  checkWords(first, rest);
  return invocation(first, rest, flags);
}

/**
 * Value of a flag as a whole number; undefined when it was not given.
 * @throws CommandError with exit 2 that names flag, value and bounds
 */
export function wholeNumberFlag(
  from: Invocation,
  flag: string,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  const text = from.flags.get(flag);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  throw usageError(`--${flag} ${text}: must be a whole number from ${bounds.min} to ${bounds.max}`);
}

function invocation(
  command: Invocation["command"],
  words: readonly string[],
  flags: ReadonlyMap<string, string>,
): Invocation {
  return {
    command,
    words,
    flags,
    json: flags.has("json"),
    runtimeDir: flags.get("runtime-dir"),
  };
}

function allFlags(): Map<string, FlagSpec> {
  const all = new Map(Object.entries(globalFlags));
  const specs: readonly CommandSpec[] = Object.values(commands);
  for (const { flags } of specs) {
    for (const [name, spec] of Object.entries(flags)) all.set(name, spec);
  }
  return all;
}

function parserOptions(): Record<string, { type: "string" | "boolean" }> {
  const options: Record<string, { type: "string" | "boolean" }> = {};
  for (const [name, spec] of allFlags()) {
    options[name] = { type: spec.value === undefined ? "boolean" : "string" };
  }
  return options;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function flagText(token: OptionToken): string {
  const spec = allFlags().get(token.name);
  if (spec === undefined) throw usageError(`unknown flag: ${token.rawName}`);
  if (spec.value === undefined) {
    if (token.value === undefined) return "";
    throw usageError(`${token.rawName} takes no value, got ${token.value}`);
  }
  const { value } = token;
  if (value === undefined || value === "" || (!token.inlineValue && value.startsWith("--"))) {
    throw usageError(`${token.rawName} needs a value: ${token.rawName} ${spec.value}`);
  }
  return value;
}

function checkFlags(name: CommandName, flags: ReadonlyMap<string, string>): void {
  const spec: CommandSpec = commands[name];
  for (const flag of flags.keys()) {
    if (!Object.hasOwn(globalFlags, flag) && !Object.hasOwn(spec.flags, flag)) {
      throw usageError(`unknown flag for ${name}: --${flag}`);
    }
  }
}

function checkWords(name: CommandName, words: readonly string[]): void {
  const spec: CommandSpec = commands[name];
  const extra = words[spec.wordsMax];
  if (extra !== undefined) throw usageError(`${name}: one word too many: ${extra}`);
  if (words.length < spec.wordsMin) {
    throw usageError(`${name} needs ${spec.words}, got ${words.join(" ") || "nothing"}`);
  }
}
