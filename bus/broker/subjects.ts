/** Subjects of one hub incarnation by number. Ids start at 1 and are never used twice. */
import { type SubjectRule, subjectRules } from "../contracts/index.ts";
import { SUBJECTS_MAX, SUBJECTS_NAMED_BY_EDGES_MAX, SUBJECTS_NAMED_MAX } from "../limits.ts";
import { Flag } from "../protocol.ts";
import { actorOf, isSubject } from "../subject.ts";

/** Who names a subject that is in no contract. */
export interface Namer {
  readonly kind: "hub" | "actor" | "edge";
  /** How many it has named. */
  namedSubjects: number;
}

/** What the hub knows of a subject. */
export interface SubjectEntry {
  /** 0 for a subject that was found well-formed and nothing more. */
  readonly id: number;
  readonly subject: string;
  /** Name of the actor that serves it. */
  readonly actor: string;
  readonly rule: SubjectRule;
  /** Flag bits of the capture class; set on every frame of this subject. */
  readonly captureFlags: number;
}

const UNKNOWN_RULE: SubjectRule = {
  type: "method",
  whenRestarting: "fail",
  capture: "normal",
  changes: "something",
};
const NONE: SubjectEntry = { id: 0, subject: "", actor: "", rule: UNKNOWN_RULE, captureFlags: 0 };

export class Subjects {
  readonly #rules: ReadonlyMap<string, SubjectRule>;
  readonly #bySubject = new Map<string, SubjectEntry>();
  readonly #byId: SubjectEntry[] = [NONE];
  #namedByEdges = 0;

  constructor(rules: ReadonlyMap<string, SubjectRule> = subjectRules) {
    this.#rules = rules;
    // Whatever else is named, these must always have a place.
    for (const subject of rules.keys()) this.intern(subject);
  }

  /** Subjects that have an id. */
  get count(): number {
    return this.#byId.length - 1;
  }

  /** The entry of an id, undefined when this hub never told it. */
  byId(id: number): SubjectEntry | undefined {
    return id === 0 ? undefined : this.#byId[id];
  }

  /** The text of an id, empty for 0 and unknown ones. */
  nameOf(id: number): string {
    return this.#byId[id]?.subject ?? "";
  }

  /** The entry of a subject; one with id 0, which is not kept, when it has none yet. Undefined when it is no subject. */
  find(subject: string): SubjectEntry | undefined {
    return (
      this.#bySubject.get(subject) ?? (isSubject(subject) ? this.#entryOf(subject, 0) : undefined)
    );
  }

  /** Gives a found subject an id on behalf of a peer. Undefined when it has named too many, or all have. */
  nameFor(namer: Namer, found: SubjectEntry): SubjectEntry | undefined {
    const isEdge = namer.kind === "edge";
    if (namer.kind !== "hub" && namer.namedSubjects >= SUBJECTS_NAMED_MAX) return undefined;
    if (isEdge && this.#namedByEdges >= SUBJECTS_NAMED_BY_EDGES_MAX) return undefined;
    const entry = this.intern(found.subject);
    if (typeof entry === "string") return undefined;
    namer.namedSubjects++;
    if (isEdge) this.#namedByEdges++;
    return entry;
  }

  /** The entry of a subject, made on first use. `malformed` when it is no subject, `full` past SUBJECTS_MAX. */
  intern(subject: string): SubjectEntry | "malformed" | "full" {
    const known = this.#bySubject.get(subject);
    if (known !== undefined) return known;
    if (!isSubject(subject)) return "malformed";
    if (this.#byId.length > SUBJECTS_MAX) return "full";
    const entry = this.#entryOf(subject, this.#byId.length);
    this.#byId.push(entry);
    this.#bySubject.set(subject, entry);
    return entry;
  }

  #entryOf(subject: string, id: number): SubjectEntry {
    const rule = this.#rules.get(subject) ?? UNKNOWN_RULE;
    return { id, subject, actor: actorOf(subject), rule, captureFlags: flagsOf(rule) };
  }
}

function flagsOf(rule: SubjectRule): number {
  if (rule.capture === "secret") return Flag.captureSecret;
  return rule.capture === "content" ? Flag.captureContent : 0;
}
