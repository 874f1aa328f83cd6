/**
 * `npm run drills [-- --victim V --workload W --seed N --count N --minutes N]`: kills everything on the release build and
 * compares every byte.
 */
import { join } from "node:path";
import { build } from "./build.mjs";
import { pinnedNode, root } from "./paths.mjs";
import { prepare } from "./prepare.mjs";
import { run, script } from "./run.mjs";

await script(async () => {
  await prepare("test");
  await build();
  const main = join(root, "tests", "chaos", "drill", "main.ts");
  const { code } = await run([pinnedNode(), main, ...process.argv.slice(2)]);
  return code;
});
