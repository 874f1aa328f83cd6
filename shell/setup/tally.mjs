/** Counts results: of vitest's JSON report and of cargo's result lines. Pure. */

/** @typedef {{passed: number, failed: number, skipped: number}} Tally */

/** The line every test command closes with. */
export function tallyLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

/** @param {Tally[]} tallies */
export function sum(tallies) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const tally of tallies) {
    for (const key of Object.keys(total)) total[key] += tally[key];
  }
  return total;
}

/**
 * Counts vitest's report. A file that fails outside its tests counts as one failure, and so does
 * a run that says it failed without naming any.
 * @param {string | undefined} report text of the JSON reporter; undefined when there is none
 * @param {number} code exit code of vitest
 */
export function countVitest(report, code) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  const files = report === undefined ? [] : (JSON.parse(report).testResults ?? []);
  for (const file of files) {
    let failedHere = 0;
    for (const { status } of file.assertionResults) {
      if (status === "passed") tally.passed += 1;
      else if (status === "failed") failedHere += 1;
      else tally.skipped += 1;
    }
    if (file.status === "failed" && failedHere === 0) failedHere = 1;
    tally.failed += failedHere;
  }
  return blame(tally, code);
}

/**
 * Adds up cargo's lines `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
 * A build that breaks prints none and counts as one failure.
 */
export function countCargo(output, code) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  const line = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm;
  for (const [, passed, failed, ignored] of output.matchAll(line)) {
    tally.passed += Number(passed);
    tally.failed += Number(failed);
    tally.skipped += Number(ignored);
  }
  return blame(tally, code);
}

function blame(tally, code) {
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}
