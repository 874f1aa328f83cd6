import { describe, expect, it } from "vitest";
import { countCargo, countVitest, sum, tallyLine } from "../../shell/setup/tally.mjs";

const report = (...files: object[]): string => JSON.stringify({ testResults: files });
const file = (status: string, ...statuses: string[]): object => ({
  status,
  assertionResults: statuses.map((one) => ({ status: one })),
});

describe("vitest's report", () => {
  it("is counted test by test", () => {
    const text = report(file("passed", "passed", "passed"), file("failed", "failed", "skipped"));
    expect(countVitest(text, 1)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  it("counts a file that does not even load as one failure", () => {
    const text = report(file("passed", "passed"), file("failed"), file("failed", "passed"));
    expect(countVitest(text, 1)).toEqual({ passed: 2, failed: 2, skipped: 0 });
  });

  it("never calls a failed run good: no report, or an unhandled error beside passed tests", () => {
    expect(countVitest(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(countVitest(report(file("passed", "passed")), 1).failed).toBe(1);
  });
});

describe("cargo's output", () => {
  const output = [
    "running 2 tests",
    "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
    "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 9s",
    "",
  ].join("\n");

  it("is added up over all its binaries", () => {
    expect(countCargo(output, 101)).toEqual({ passed: 5, failed: 2, skipped: 1 });
  });

  it("counts a build that breaks as one failure", () => {
    expect(countCargo("error[E0425]: cannot find value", 101).failed).toBe(1);
  });

  it("is not fooled by a test that prints such a line indented", () => {
    expect(countCargo("  test result: ok. 9 passed; 0 failed; 0 ignored;", 0).passed).toBe(0);
  });
});

describe("the closing line", () => {
  it("is the sum in the form every caller parses", () => {
    const total = sum([
      { passed: 2, failed: 0, skipped: 1 },
      { passed: 3, failed: 1, skipped: 0 },
    ]);
    expect(tallyLine(total)).toBe("5 passed, 1 failed");
  });
});
