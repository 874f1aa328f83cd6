/** `npm run check`: types, lint and format of TypeScript and Rust. Runs all, so that one run shows everything. */
import { join } from "node:path";
import { findProgram, root } from "./paths.mjs";
import { prepare } from "./prepare.mjs";
import { run, say, script } from "./run.mjs";
import { tallyLine } from "./tally.mjs";

await script(async () => {
  await prepare("run");
  const tool = (name) => join(root, "node_modules", ".bin", name);
  const cargo = findProgram("cargo");
  const checks = {
    "tsc -b": [tool("tsc"), "-b", "--pretty"],
    "biome check": [tool("biome"), "check", "--error-on-warnings", "."],
    "cargo clippy": [
      cargo,
      "clippy",
      "--workspace",
      "--all-targets",
      "--locked",
      "--",
      "-D",
      "warnings",
    ],
    "cargo fmt": [cargo, "fmt", "--all", "--check"],
  };
  let failed = 0;
  for (const [name, argv] of Object.entries(checks)) {
    const { code } = await run(argv);
    say(`${name}: ${code === 0 ? "ok" : `failed (exit ${code})`}`);
    if (code !== 0) failed += 1;
  }
  process.stdout.write(`${tallyLine({ passed: Object.keys(checks).length - failed, failed })}\n`);
  return failed === 0 ? 0 : 1;
});
