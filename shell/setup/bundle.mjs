/** Bundles the Node programs with rolldown. Run by build.mjs on the pinned Node: `bundle.mjs OUT NAME=ENTRY ...`. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
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
  // Only asked for when a worker shall be nice to others.
  "@napi-rs/nice",
];

/** Piscina starts its threads from a file beside its own; in a bundle that file has another name and place. */
const piscinaBesideBundle = {
  name: "piscina-beside-bundle",
  transform: {
    filter: { id: /piscina\/dist\/index\.js$/ },
    handler(code) {
      const own = "(0, node_path_1.resolve)(__dirname, 'worker.js')";
      if (!code.includes(own)) throw new Error(`piscina does not start its workers by ${own}`);
      const beside = "(0, node_path_1.resolve)(process.argv[1], '../piscina-worker.mjs')";
      return code.replace(own, beside);
    },
  },
};

mkdirSync(staging, { recursive: true });
try {
  for (const pair of pairs) {
    const [name, input] = pair.split("=");
    const options = { external, platform: "node", logLevel: "warn" };
    const bundle = await rolldown({ input, ...options, plugins: [piscinaBesideBundle] });
    const { output } = await bundle.generate({
      format: "esm",
      codeSplitting: false,
      comments: { legal: true, annotation: false, jsdoc: false },
    });
    await bundle.close();
    writeFileSync(join(staging, `${name}.mjs`), inAscii(output[0].code));
    renameSync(join(staging, `${name}.mjs`), join(out, `${name}.mjs`));
  }
} finally {
  rmSync(staging, { recursive: true, force: true });
}

/** One sign beyond Latin-1, and Node keeps the whole text with two bytes a letter, in each process. */
function inAscii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
