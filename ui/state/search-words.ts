/** What a search says that found nothing. */

/**
 * `No match in 12,408 files. 3 kept closed by rules`.
 * @param closed files and folders that a rule keeps out of the search
 */
export function noMatch(files: number, closed: number): string {
  const nothing = `No match in ${grouped(files)} ${files === 1 ? "file" : "files"}.`;
  return closed === 0 ? nothing : `${nothing} ${grouped(closed)} kept closed by rules`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
