/** One line of the doctor. */
export interface Check {
  readonly name: string;
  readonly level: "ok" | "warn" | "error";
  readonly says: string;
  /** The command or step that would mend it; empty when all is well. */
  readonly fix: string;
}

/** A check that found nothing wrong. */
export function good(name: string, says: string): Check {
  return { name, level: "ok", says, fix: "" };
}

/** Something that works less well than it could. */
export function poor(name: string, says: string, fix: string): Check {
  return { name, level: "warn", says, fix };
}

/** Something without which Bulkhead does not work. */
export function bad(name: string, says: string, fix: string): Check {
  return { name, level: "error", says, fix };
}
