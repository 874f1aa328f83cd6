/** Who may do what: manifests of patterns, and principals that only ever get narrower. */
import type { Principal } from "../protocol.ts";
import { isPattern, matchesPattern } from "../subject.ts";
import type { SubjectEntry } from "./subjects.ts";

/** Patterns a peer may use. A pattern after `!` takes away what others give; the empty list allows nothing. */
export interface Manifest {
  readonly calls: readonly string[];
  readonly publishes: readonly string[];
  readonly subscribes: readonly string[];
  /** Principals the peer may name without having been given one. Default none. */
  readonly principals?: readonly Principal[];
  /**
   * Of an actor that works for programs: principal of its calls that name none or a wider one, such as the person's
   * whose call they are part of. Default none: what names none is the actor's own, which many judge like the person's.
   */
  readonly actsAs?: Principal;
}

/** What edge peers get unless the hub says otherwise: everything but the root's own methods. */
export const EDGE_MANIFEST: Manifest = {
  calls: [">", "!root.>"],
  publishes: [],
  subscribes: [">"],
};
/** The hub's own. */
export const HUB_MANIFEST: Manifest = {
  calls: [">"],
  publishes: [">"],
  subscribes: [">"],
  principals: ["person", "agent"],
};

/** Decisions of one manifest, remembered by subject id. */
export class Access {
  readonly manifest: Manifest;
  readonly #calls = new Map<number, boolean>();
  readonly #publishes = new Map<number, boolean>();

  /** @throws RangeError naming a pattern that is none. */
  constructor(manifest: Manifest) {
    this.manifest = manifest;
    for (const pattern of [...manifest.calls, ...manifest.publishes, ...manifest.subscribes]) {
      const text = pattern.startsWith("!") ? pattern.slice(1) : pattern;
      if (!isPattern(text))
        throw new RangeError(`manifest: ${JSON.stringify(pattern)} is no pattern`);
    }
  }

  mayCall(subject: SubjectEntry): boolean {
    return remembered(this.#calls, subject, this.manifest.calls);
  }

  mayPublish(subject: SubjectEntry): boolean {
    return remembered(this.#publishes, subject, this.manifest.publishes);
  }

  /** A pattern may be subscribed to when one of the manifest's covers all of it and none that is taken away fits it. */
  maySubscribe(pattern: string): boolean {
    const { subscribes } = this.manifest;
    const denied = subscribes.some(
      (entry) => entry.startsWith("!") && overlaps(entry.slice(1), pattern),
    );
    return !denied && subscribes.some((entry) => !entry.startsWith("!") && covers(entry, pattern));
  }
}

/** Whether `wide` may act as `narrow`: person over agent over one MCP server. */
export function mayNarrow(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  return rankOf(narrow) > 0 && rankOf(wide) < rankOf(narrow);
}

/** Whether the text is a principal at all. */
export function isPrincipal(text: string): text is Principal {
  return text === "person" || text === "agent" || /^mcp:[\x21-\x7e]{1,100}$/.test(text);
}

function rankOf(principal: string): number {
  if (principal === "person") return 0;
  return principal === "agent" ? 1 : 2;
}

function remembered(
  decisions: Map<number, boolean>,
  subject: SubjectEntry,
  patterns: readonly string[],
): boolean {
  const known = decisions.get(subject.id);
  if (known !== undefined) return known;
  const denied = patterns.some(
    (entry) => entry.startsWith("!") && matchesPattern(entry.slice(1), subject.subject),
  );
  const allowed =
    !denied &&
    patterns.some((entry) => !entry.startsWith("!") && matchesPattern(entry, subject.subject));
  if (subject.id !== 0) decisions.set(subject.id, allowed);
  return allowed;
}

/** Whether every subject that fits `narrow` fits `wide`. */
function covers(wide: string, narrow: string): boolean {
  const wideWords = wide.split(".");
  const narrowWords = narrow.split(".");
  for (const [index, word] of wideWords.entries()) {
    if (word === ">") return narrowWords.length > index;
    const other = narrowWords[index];
    if (other === undefined || other === ">" || (word !== "*" && word !== other)) return false;
  }
  return wideWords.length === narrowWords.length;
}

/** Whether some subject fits both. */
function overlaps(left: string, right: string): boolean {
  const a = left.split(".");
  const b = right.split(".");
  for (let index = 0; ; index++) {
    const x = a[index];
    const y = b[index];
    if (x === undefined || y === undefined) return x === y;
    if (x === ">" || y === ">") return true;
    if (x !== "*" && y !== "*" && x !== y) return false;
  }
}
