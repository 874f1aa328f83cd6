/** The grammar of subjects and patterns: `<actor>.<word>...`, `*` is one word, `>` at the end one or more. */
import { BusCode, BusError } from "./errors.ts";
import { SUBJECT_BYTES_MAX } from "./limits.ts";

const SUBJECT = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*(?:\.[a-z0-9-]+)+$/;
const PATTERN = /^(?:>|(?:\*|[a-z0-9-]+(?:\/[a-z0-9-]+)*)(?:\.(?:\*|[a-z0-9-]+))*(?:\.>)?)$/;

/** Whether `text` can name a method, topic or stream. */
export function isSubject(text: string): boolean {
  return text.length <= SUBJECT_BYTES_MAX && SUBJECT.test(text);
}

/** Whether `text` can be subscribed to: a subject, or one with wildcards. */
export function isPattern(text: string): boolean {
  return text.length <= SUBJECT_BYTES_MAX && PATTERN.test(text);
}

/** @throws BusError `bus/invalid` with the text when it is no subject. */
export function checkSubject(text: string): void {
  if (isSubject(text)) return;
  throw new BusError(
    BusCode.invalid,
    `not a subject: ${quote(text)} (a-z, 0-9, - and dots, at most ${SUBJECT_BYTES_MAX} bytes)`,
  );
}

/** Name of the actor that serves a subject: what stands before the first dot. */
export function actorOf(subject: string): string {
  const dot = subject.indexOf(".");
  return dot < 0 ? subject : subject.slice(0, dot);
}

/** Whether a pattern fits a subject. Both must be valid. */
export function matchesPattern(pattern: string, subject: string): boolean {
  if (pattern === ">" || pattern === subject) return true;
  const wanted = pattern.split(".");
  const words = subject.split(".");
  for (const [index, word] of wanted.entries()) {
    if (word === ">") return words.length > index;
    if (index >= words.length || (word !== "*" && word !== words[index])) return false;
  }
  return wanted.length === words.length;
}

/** Text for an error message: quoted, cut to 80 characters, control characters escaped. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
