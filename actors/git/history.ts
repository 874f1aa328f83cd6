/** The commits of a file as `git log` writes them: id, seconds, author and subject, each with a zero byte behind it. */
import type { Commit } from "../../bus/contracts/git.ts";

/** Bytes of a history that are read; a subject has no bound of git's own. */
export const HISTORY_BYTES_MAX = 1024 * 1024;
/** Characters of an author or a subject that are told. */
const WORDS_MAX = 500;
const FIELDS = 4;

/** Whole commits of the text; one that was cut off is left out. */
export function readHistory(text: string): Commit[] {
  const fields = text.split("\0");
  const commits: Commit[] = [];
  for (let at = 0; at + FIELDS < fields.length; at += FIELDS) {
    const [id = "", seconds = "", author = "", subject = ""] = fields.slice(at, at + FIELDS);
    commits.push({
      // A line feed stands between two commits.
      id: id.trimStart(),
      atMs: Number(seconds) * 1_000,
      author: author.slice(0, WORDS_MAX),
      subject: subject.slice(0, WORDS_MAX),
    });
  }
  return commits;
}
