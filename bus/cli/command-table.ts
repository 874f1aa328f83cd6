/** The commands as data: what they are called, which words and flags they take. The help is printed from it. */

/** A flag. `value` is how its value is called in the help; absent for a switch. */
export interface FlagSpec {
  readonly value?: string;
  readonly says: string;
}

/** A command of the command line. */
export interface CommandSpec {
  /** Words after the command as the help shows them. */
  readonly words: string;
  readonly wordsMin: number;
  readonly wordsMax: number;
  readonly flags: Readonly<Record<string, FlagSpec>>;
  readonly says: string;
  /** False: a later version brings it; it answers so with exit 1. */
  readonly built: boolean;
}

/** Flags every command takes. */
export const globalFlags: Readonly<Record<string, FlagSpec>> = {
  json: { says: "one JSON value per line on stdout, nothing else" },
  "runtime-dir": { value: "DIR", says: "the instance that lives in DIR" },
  help: { says: "this text" },
  version: { says: "the version" },
};

/** Acts of `bulkhead actor`, as the hub calls them. */
export const actorActs = [
  "kill",
  "restart",
  "suspend",
  "resume",
  "freeze",
  "park",
  "retry",
] as const;
export type ActorAct = (typeof actorActs)[number];

const later = (words: string, says: string): CommandSpec => ({
  words,
  wordsMin: 0,
  wordsMax: Number.POSITIVE_INFINITY,
  flags: {},
  says,
  built: false,
});

/** All commands by name, in the order of the help. */
export const commands = {
  open: {
    words: "[DIR | FILE[:LINE[:COL]]]",
    wordsMin: 0,
    wordsMax: 1,
    flags: { wait: { says: "return when the file is closed again" } },
    says: "open the window; a file opens in the running one",
    built: true,
  },
  serve: {
    words: "[DIR]",
    wordsMin: 0,
    wordsMax: 1,
    flags: { port: { value: "N", says: "loopback port, 1 to 65535 (default: any free one)" } },
    says: "serve the interface to a browser and print its URL",
    built: true,
  },
  ps: { words: "", wordsMin: 0, wordsMax: 0, flags: {}, says: "list the processes", built: true },
  actor: {
    words: `${actorActs.join("|")} NAME`,
    wordsMin: 2,
    wordsMax: 2,
    flags: { "end-shells": { says: "kill keeper: yes, end every shell" } },
    says: "supervise a process by hand",
    built: true,
  },
  call: {
    words: "SUBJECT [JSON]",
    wordsMin: 1,
    wordsMax: 2,
    flags: { timeout: { value: "MS", says: "give up after MS milliseconds (default 30000)" } },
    says: "send one request and print its reply",
    built: true,
  },
  tap: {
    words: "",
    wordsMin: 0,
    wordsMax: 0,
    flags: {
      filter: { value: "EXPR", says: "only frames that fit" },
      count: { value: "N", says: "stop after N frames" },
      past: { says: "first what the recorder still has" },
    },
    says: "print frames as JSON lines while they pass",
    built: true,
  },
  doctor: {
    words: "",
    wordsMin: 0,
    wordsMax: 0,
    flags: {},
    says: "what is here and what is missing, each with its fix",
    built: true,
  },
  guard: {
    words: "check PATH",
    wordsMin: 2,
    wordsMax: 2,
    flags: { op: { value: "read|write", says: "what would be done (default read)" } },
    says: "explain a decision of the file guard",
    built: true,
  },
  quit: {
    words: "",
    wordsMin: 0,
    wordsMax: 0,
    flags: { all: { says: "end the shells as well" } },
    says: "end this instance; shells go on",
    built: true,
  },
  capture: later("save|info|replay FILE", "the recorder to a file"),
  audit: {
    words: "verify",
    wordsMin: 1,
    wordsMax: 1,
    flags: { "state-dir": { value: "DIR", says: "the log below DIR, without a running instance" } },
    says: "look through the audit log of the agent and servers",
    built: true,
  },
  mcp: later("list|tools|call|logs", "MCP servers"),
  model: later("list|pull|chat", "local models"),
  demo: later("", "the 60-second tour"),
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof commands;

/** Whether there is a command of this name. */
export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(commands, word);
}
