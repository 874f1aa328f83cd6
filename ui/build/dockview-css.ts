/**
 * `virtual:dockview.css`: the structural sheet of dockview-core without its themes. The package ships the sheet
 * only inside its script build, as a string literal; ours is cut from there when the page is built.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const ID = "virtual:dockview.css";
const RESOLVED = "\0dockview.css";

/** @throws Error when the package no longer carries its sheet in the known place. */
export function dockviewCss(): Plugin {
  return {
    name: "bulkhead-dockview-css",
    resolveId: (id) => (id === ID ? RESOLVED : null),
    load(id) {
      if (id !== RESOLVED) return null;
      const script = createRequire(import.meta.url).resolve("dockview-core/dist/dockview-core.js");
      return withoutThemes(sheetOf(readFileSync(script, "utf8")));
    },
  };
}

function sheetOf(script: string): string {
  const literal = /s\.textContent = ("(?:\\.|[^"\\])*")/.exec(script)?.[1];
  if (literal === undefined) throw new Error("dockview-core carries no sheet where it used to be");
  const sheet: unknown = JSON.parse(literal);
  if (typeof sheet !== "string") throw new Error("the sheet of dockview-core is no string");
  return sheet;
}

/** Drops the top-level rules whose every selector is a theme's. */
function withoutThemes(sheet: string): string {
  return topLevelRules(sheet)
    .filter((rule) => !/^(?:\.dockview-theme-[^{]*)\{/.test(rule.trimStart()))
    .join("\n");
}

function topLevelRules(sheet: string): string[] {
  const rules: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < sheet.length; at += 1) {
    const sign = sheet[at];
    if (sign === "{") depth += 1;
    if (sign !== "}") continue;
    depth -= 1;
    if (depth > 0) continue;
    rules.push(sheet.slice(start, at + 1));
    start = at + 1;
  }
  return rules;
}
