/** Bundles the Node programs with rolldown. Run by build.mjs on the pinned Node: `bundle.mjs OUT NAME=ENTRY ...`. */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

const [out, ...pairs] = process.argv.slice(2);
const staging = join(out, `.next-${process.pid}`);

// Native modules bring a .node file and are loaded from node_modules at run time.
const external = [
  /^node:/,
  /^@lydell\/node-pty/,
  /^msgpackr-extract/,
  "bufferutil",
  "utf-8-validate",
];

mkdirSync(staging, { recursive: true });
try {
  for (const pair of pairs) {
    const [name, input] = pair.split("=");
    const bundle = await rolldown({ input, external, platform: "node", logLevel: "warn" });
    await bundle.write({
      file: join(staging, `${name}.mjs`),
      format: "esm",
      codeSplitting: false,
    });
    await bundle.close();
    renameSync(join(staging, `${name}.mjs`), join(out, `${name}.mjs`));
  }
} finally {
  rmSync(staging, { recursive: true, force: true });
}
