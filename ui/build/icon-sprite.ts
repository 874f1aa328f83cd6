/** `virtual:icons`: the Lucide icons named in ui/icons.ts as one string of `<symbol>`s. Widths come from the sheet. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const ID = "virtual:icons";
const RESOLVED = "\0icons";

/** @param names icons of lucide-static; an unknown one fails the build. */
export function iconSprite(names: readonly string[]): Plugin {
  return {
    name: "bulkhead-icon-sprite",
    resolveId: (id) => (id === ID ? RESOLVED : null),
    load(id) {
      if (id !== RESOLVED) return null;
      return `export const sprite = ${JSON.stringify(names.map(symbol).join(""))};`;
    },
  };
}

function symbol(name: string): string {
  const file = createRequire(import.meta.url).resolve(`lucide-static/icons/${name}.svg`);
  const body = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(readFileSync(file, "utf8"))?.[1];
  if (body === undefined) throw new Error(`lucide-static icon ${name} is no svg`);
  const shapes = body.replaceAll(/\s+/g, " ").trim();
  return `<symbol id="icon-${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
}
