/** `npm run bench [-- NAME ...]`: the benchmarks, on the pinned Node and the release build. */
import { join } from "node:path";
import { build } from "./build.mjs";
import { pinnedNode, root } from "./paths.mjs";
import { prepare } from "./prepare.mjs";
import { run, script } from "./run.mjs";

await script(async () => {
  await prepare("test");
  await build();
  const main = join(root, "tests", "bench", "main.ts");
  const { code } = await run([pinnedNode(), main, ...process.argv.slice(2)]);
  return code;
});
