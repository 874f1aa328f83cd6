/**
 * A vitest reporter that writes what failed, and what passed only on a second try, to the file
 * of `BULKHEAD_FAILURES`: one line each, so that the end of a long log still names the causes. Written
 * as each file of tests ends, so that a run that is cut off has told what it saw.
 */
import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./paths.mjs";

/** Characters of an error kept in its line. */
const CAUSE_CHARS_MAX = 400;
/** Lines written; a tree that is broken everywhere needs no more. */
const LINES_MAX = 100;

// biome-ignore lint/style/noDefaultExport: vitest takes a reporter by its default export.
export default class FailuresReporter {
  #left = LINES_MAX;

  onTestModuleEnd(module) {
    const file = process.env.BULKHEAD_FAILURES;
    if (file === undefined) return;
    const lines = [...linesOf(module)].slice(0, this.#left);
    this.#left -= lines.length;
    if (lines.length > 0) appendFileSync(file, lines.join(""));
  }
}

function* linesOf(module) {
  const place = relative(root, module.moduleId);
  for (const error of module.errors()) yield line("failed", place, error);
  for (const test of module.children.allTests()) {
    const name = `${place} > ${test.fullName}`;
    const { state, errors } = test.result();
    if (state === "failed") yield line("failed", name, errors?.[0]);
    else if (test.diagnostic()?.flaky) yield line("second try", name, errors?.[0]);
  }
}

function line(what, name, error) {
  const cause = String(error?.message ?? "").replace(/\s+/g, " ");
  return `${what}: ${name}: ${cause.slice(0, CAUSE_CHARS_MAX)}\n`;
}
