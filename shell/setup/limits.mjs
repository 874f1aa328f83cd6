/** Writes the table of PROTOCOL.md section 9 from bus/limits.ts: `node shell/setup/limits.mjs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.mjs";
import { SetupError, script } from "./run.mjs";

const START = "<!-- limits -->";
const END = "<!-- /limits -->";
const ENTRY = /^\/\*\* (.+?) ?\*\/\nexport const ([A-Z0-9_]+) = (.+?);$/gm;

/** Rows of limits.ts in its order. Throws when an exported limit has no doc comment of one line. */
export function readLimits(source) {
  const limits = [...source.matchAll(ENTRY)].map(([, says, name, expression]) => ({
    name,
    value: product(name, expression),
    says,
  }));
  const exported = source.match(/^export const /gm)?.length ?? 0;
  if (limits.length !== exported) {
    throw new SetupError(
      `limits.ts: ${exported} limits, ${limits.length} with a doc comment of one line`,
    );
  }
  return limits;
}

/** The document with its table renewed. */
export function renewTable(document, limits) {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < start)
    throw new SetupError(`PROTOCOL.md: ${START} and ${END} are missing`);
  const rows = limits.map(
    ({ name, value, says }) => `| \`${name}\` | ${spell(name, value)} | ${says} |`,
  );
  const table = ["| limit | value | meaning |", "|---|---|---|", ...rows].join("\n");
  return `${document.slice(0, start + START.length)}\n${table}\n${document.slice(end)}`;
}

function product(name, expression) {
  if (!/^[\d_]+( \* [\d_]+)*$/.test(expression)) {
    throw new SetupError(`limits.ts: ${name} = ${expression}: must be a product of whole numbers`);
  }
  return expression
    .split(" * ")
    .map((factor) => Number(factor.replaceAll("_", "")))
    .reduce((a, b) => a * b, 1);
}

function spell(name, value) {
  const digits = value.toLocaleString("en-US");
  if (!name.includes("BYTES") || value < 1024) return digits;
  const [divisor, unit] = value >= 1024 * 1024 ? [1024 * 1024, "MiB"] : [1024, "KiB"];
  return `${digits} (${value / divisor} ${unit})`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await script(() => {
    const path = join(root, "bus", "PROTOCOL.md");
    const limits = readLimits(readFileSync(join(root, "bus", "limits.ts"), "utf8"));
    writeFileSync(path, renewTable(readFileSync(path, "utf8"), limits));
  });
}
