/** The CI script with a stand-in for npm: what it adds up and how it ends. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../tidy/tree.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bulkhead-ci-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, ".ci"));
  cpSync(join(root, ".ci/run"), join(folder, ".ci/run"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs .ci/run where `npm test` and `npm run check` are these shell lines. */
function runWith(test: string, check: string): { status: number | null; last: string } {
  const npm = join(folder, "bin/npm");
  writeFileSync(npm, `#!/bin/sh\nif [ "$1" = test ]; then ${test}; else ${check}; fi\n`);
  chmodSync(npm, 0o755);
  const env = { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, TMPDIR: folder };
  const { status, stdout } = spawnSync(join(folder, ".ci/run"), { env, cwd: "/" });
  return { status, last: String(stdout).trimEnd().split("\n").at(-1) ?? "" };
}

describe(".ci/run", () => {
  it("adds up tests and checks and ends with 0 when all passed", () => {
    const run = runWith("echo noise; echo '120 passed, 0 failed'", "echo '4 passed, 0 failed'");
    expect(run).toEqual({ status: 0, last: "124 passed, 0 failed" });
  });

  it("ends with 1 when a test or a check failed", () => {
    const run = runWith("echo '119 passed, 1 failed'; exit 1", "echo '3 passed, 1 failed'; exit 1");
    expect(run).toEqual({ status: 1, last: "122 passed, 2 failed" });
  });

  it("counts a command that broke off without its closing line as a failure", () => {
    expect(runWith("echo oops >&2; exit 3", "echo '4 passed, 0 failed'")).toEqual({
      status: 1,
      last: "4 passed, 1 failed",
    });
  });

  it("believes the exit code over a closing line that says all is well", () => {
    expect(runWith("echo '5 passed, 0 failed'; exit 9", "echo '4 passed, 0 failed'").status).toBe(
      1,
    );
  });

  it("is not content with nothing at all", () => {
    expect(runWith("echo '0 passed, 0 failed'", "echo '0 passed, 0 failed'").status).toBe(1);
  });

  it("gives its commands no stdin and CI=true", () => {
    const test = `[ "$CI" = true ] && ! read -r line && echo '1 passed, 0 failed'`;
    expect(runWith(test, "echo '1 passed, 0 failed'").status).toBe(0);
  });
});
