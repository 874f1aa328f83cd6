/**
 * `npm test [-- --only vitest|cargo] [FILTER ...]`: the set-up, then every test: TypeScript in Node,
 * the page in Chromium, the real window under Xvfb, Rust. Filters are vitest's and leave cargo out.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { dist, findProgram, pinnedNode, root, toolEnvironment } from "./paths.mjs";
import { prepare } from "./prepare.mjs";
import { run, SetupError, say, script } from "./run.mjs";
import { countCargo, countVitest, sum, tallyLine } from "./tally.mjs";

const RINGS = { vitest, cargo };
const RESULTS = join(dist, "test-results");
/** What vitest's tests failed on, a line each. */
const FAILURES = join(RESULTS, "failures.txt");

await script(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: "string" } },
  });
  const only = values.only ?? (positionals.length > 0 ? "vitest" : undefined);
  if (only !== undefined && !(only in RINGS)) {
    throw new SetupError(`--only ${only}: must be one of ${Object.keys(RINGS).join(", ")}`);
  }
  await prepare("test");
  await build();
  const compiled = only === undefined ? compileRustTests() : undefined;
  const tallies = [];
  for (const [name, ring] of Object.entries(RINGS)) {
    if (only !== undefined && only !== name) continue;
    if (name === "cargo") await compiled;
    tallies.push(await ring(positionals));
  }
  const total = sum(tallies);
  if (total.skipped > 0) say(`${total.skipped} skipped`);
  if (existsSync(FAILURES)) process.stdout.write(readFileSync(FAILURES, "utf8"));
  process.stdout.write(`${tallyLine(total)}\n`);
  return total.failed === 0 ? 0 : 1;
});

async function vitest(filters) {
  const report = join(RESULTS, "vitest.json");
  mkdirSync(RESULTS, { recursive: true });
  for (const stale of [report, FAILURES]) rmSync(stale, { force: true });
  const program = join(root, "node_modules", "vitest", "vitest.mjs");
  const own = join(root, "shell", "setup", "failures-reporter.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const argv = [pinnedNode(), program, "run", ...reporters, `--reporter=${own}`, ...filters];
  const { code } = await run(argv, { env: { ...toolEnvironment(), BULKHEAD_FAILURES: FAILURES } });
  return countVitest(existsSync(report) ? readFileSync(report, "utf8") : undefined, code);
}

/** While the other tests mostly wait, and only with what they leave over. What is wrong is said by `cargo`. */
function compileRustTests() {
  const compile = [findProgram("cargo"), "test", "--workspace", "--locked", "--no-run", "--quiet"];
  return run(["nice", "-n", "19", ...compile], { capture: true });
}

async function cargo() {
  const argv = [findProgram("cargo"), "test", "--workspace", "--locked", "--no-fail-fast"];
  const { code, stdout } = await run(argv, { capture: true, echo: true });
  return countCargo(stdout, code);
}
