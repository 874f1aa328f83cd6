/** Subjects of one hub incarnation by number. Ids start at 1 and are never used twice. */
import { type SubjectRule, subjectRules } from "../contracts/index.ts";
import { SUBJECTS_MAX } from "../limits.ts";
import { Flag } from "../protocol.ts";
import { actorOf, isSubject } from "../subject.ts";

/** What the hub knows of a subject. */
export interface SubjectEntry {
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

  constructor(rules: ReadonlyMap<string, SubjectRule> = subjectRules) {
    this.#rules = rules;
  }

  /** The entry of an id, undefined when this hub never told it. */
  byId(id: number): SubjectEntry | undefined {
    return id === 0 ? undefined : this.#byId[id];
  }

  /** The text of an id, empty for 0 and unknown ones. */
  nameOf(id: number): string {
    return this.#byId[id]?.subject ?? "";
  }

  /** The entry of a subject, made on first use. `malformed` when it is no subject, `full` past SUBJECTS_MAX. */
  intern(subject: string): SubjectEntry | "malformed" | "full" {
    const known = this.#bySubject.get(subject);
    if (known !== undefined) return known;
    if (!isSubject(subject)) return "malformed";
    if (this.#byId.length > SUBJECTS_MAX) return "full";
    const rule = this.#rules.get(subject) ?? UNKNOWN_RULE;
    const entry: SubjectEntry = {
      id: this.#byId.length,
      subject,
      actor: actorOf(subject),
      rule,
      captureFlags: flagsOf(rule),
    };
    this.#byId.push(entry);
    this.#bySubject.set(subject, entry);
    return entry;
  }
}

function flagsOf(rule: SubjectRule): number {
  if (rule.capture === "secret") return Flag.captureSecret;
  return rule.capture === "content" ? Flag.captureContent : 0;
}
