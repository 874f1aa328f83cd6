/**
 * Reads `git status --porcelain=v2 -z --branch` as it comes.
 *
 *   # branch.head main NUL
 *   1 .M N... 100644 100644 100644 <oid> <oid> src/a.ts NUL
 *   2 R. N... 100644 100644 100644 <oid> <oid> R100 new.ts NUL old.ts NUL
 *   u UU N... 100644 100644 100644 100644 <oid> <oid> <oid> c.ts NUL
 *   ? notes.txt NUL
 */
import { CHANGES_MAX, type Change, type Group, type How } from "../../bus/contracts/git.ts";

/** A branch and what it is compared with. */
export interface Branch {
  branch?: string;
  commit?: string;
  upstream?: string;
  ahead?: number;
  behind?: number;
}

/** What a whole output says. Paths are as git gives them: from the root of the repository on. */
export interface Parsed {
  readonly branch: Branch;
  readonly changes: Change[];
  readonly isCut: boolean;
}

/** Two paths of the longest kind, and what stands before them. */
const RECORD_BYTES_MAX = 16 * 1024;
/** Words before the path of a record, by its first letter. */
const WORDS: Readonly<Record<string, number>> = { "1": 8, "2": 9, u: 10, "?": 1 };
const HOW: Readonly<Record<string, How>> = {
  M: "modified",
  T: "type-changed",
  A: "added",
  D: "deleted",
  R: "renamed",
  C: "copied",
};
const CONFLICTS: Readonly<Record<string, How>> = {
  DD: "both-deleted",
  AU: "added-by-us",
  UD: "deleted-by-them",
  UA: "added-by-them",
  DU: "deleted-by-us",
  AA: "both-added",
  UU: "both-modified",
};

interface Name {
  readonly text: string;
  readonly isOdd: boolean;
}

/** A reader that holds at most CHANGES_MAX changes; give it the pieces of the output, then take `result`. */
export class StatusReader {
  readonly #branch: Branch = {};
  readonly #groups: Record<Group, Change[]> = {
    conflict: [],
    staged: [],
    changed: [],
    untracked: [],
  };
  #rest = new Uint8Array(0);
  /** A renamed file whose old name comes next. */
  #renamed: { record: string[]; name: Name } | undefined;
  #count = 0;
  #isCut = false;

  /** Whether more would not be kept: the output can be given up. */
  get isFull(): boolean {
    return this.#isCut;
  }

  /** @throws Error when it is no output of git's. */
  feed(piece: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? piece : joined(this.#rest, piece);
    let start = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
      this.#record(bytes.subarray(start, end));
      start = end + 1;
      if (this.#isCut) break;
    }
    this.#rest = this.#isCut ? new Uint8Array(0) : bytes.slice(start);
    if (this.#rest.length > RECORD_BYTES_MAX) {
      throw new Error(`a record of git's status is longer than ${RECORD_BYTES_MAX} bytes`);
    }
  }

  result(): Parsed {
    const { conflict, staged, changed, untracked } = this.#groups;
    const changes = [...conflict, ...staged, ...changed, ...untracked];
    return { branch: this.#branch, changes, isCut: this.#isCut };
  }

  #record(bytes: Uint8Array): void {
    if (this.#renamed !== undefined) {
      const { record, name } = this.#renamed;
      this.#renamed = undefined;
      this.#tracked(record, name, nameOf(bytes));
      return;
    }
    const kind = String.fromCharCode(bytes[0] ?? 0);
    if (kind === "#") return this.#header(nameOf(bytes).text);
    const words = WORDS[kind];
    if (words === undefined)
      throw new Error(`git's status has a record of kind ${JSON.stringify(kind)}`);
    const { record, name } = split(bytes, words);
    if (kind === "2") this.#renamed = { record, name };
    else if (kind === "?") this.#add(name, "untracked", "untracked");
    else if (kind === "u")
      this.#add(name, "conflict", CONFLICTS[record[1] ?? ""] ?? "both-modified");
    else this.#tracked(record, name);
  }

  #header(line: string): void {
    const [, key, ...values] = line.split(" ");
    const value = values.join(" ");
    if (key === "branch.oid" && value !== "(initial)") this.#branch.commit = value;
    else if (key === "branch.head" && value !== "(detached)") this.#branch.branch = value;
    else if (key === "branch.upstream") this.#branch.upstream = value;
    else if (key === "branch.ab") {
      const counts = /^\+(\d+) -(\d+)$/.exec(value);
      if (counts === null) return;
      this.#branch.ahead = Number(counts[1]);
      this.#branch.behind = Number(counts[2]);
    }
  }

  #tracked(record: readonly string[], name: Name, from?: Name): void {
    const [staged = ".", changed = "."] = record[1] ?? "";
    const module = record[2]?.startsWith("S") === true ? { isModule: true } : {};
    const sides = [
      ["staged", staged],
      ["changed", changed],
    ] as const;
    for (const [group, letter] of sides) {
      const how = HOW[letter];
      if (how === undefined) continue;
      const moved = how === "renamed" || how === "copied";
      this.#add(name, group, how, { ...module, ...(moved && from ? { from: from.text } : {}) });
    }
  }

  #add(name: Name, group: Group, how: How, more: Partial<Change> = {}): void {
    if (this.#count >= CHANGES_MAX) {
      this.#isCut = true;
      return;
    }
    this.#count++;
    const odd = name.isOdd ? { isOddName: true } : {};
    this.#groups[group].push({ path: name.text, group, how, ...more, ...odd });
  }
}

/** The same with paths from the workspace on; `prefix` is its folder in the repository. What lies outside is left out. */
export function inWorkspace(changes: readonly Change[], prefix: string): Change[] {
  if (prefix === "") return [...changes];
  const inside = changes.filter((change) => change.path.startsWith(prefix));
  return inside.map(({ from, ...change }) => {
    const path = change.path.slice(prefix.length);
    if (from === undefined) return { ...change, path };
    if (from.startsWith(prefix)) return { ...change, path, from: from.slice(prefix.length) };
    return { ...change, path, how: "added" };
  });
}

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

function nameOf(bytes: Uint8Array): Name {
  try {
    return { text: strict.decode(bytes), isOdd: false };
  } catch {
    return { text: lenient.decode(bytes), isOdd: true };
  }
}

/** So many words, each ended by a space, then the name. */
function split(bytes: Uint8Array, words: number): { record: string[]; name: Name } {
  const record: string[] = [];
  let start = 0;
  for (let word = 0; word < words; word++) {
    const end = bytes.indexOf(0x20, start);
    if (end < 0) throw new Error("a record of git's status ends before its name");
    record.push(lenient.decode(bytes.subarray(start, end)));
    start = end + 1;
  }
  return { record, name: nameOf(bytes.subarray(start)) };
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
