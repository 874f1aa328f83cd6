/** A long day of edits, and files nobody here wrote. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { ChangeSet, Text } from "@codemirror/state";
import { expect, it } from "vitest";
import { Authority } from "../../../actors/editor-sync/authority.ts";
import { load, save } from "../../../actors/editor-sync/format.ts";
import type { Changes } from "../../../bus/contracts/editor-document.ts";

const MODULES = resolve(import.meta.dirname, "../../../node_modules");
const OPERATIONS = 100_000;
/** Larger ones are copies of the same kinds of text. */
const FILE_BYTES_MAX = 512 * 1024;

/** Numbers below `bound`, the same ones every time. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

it("a trace of 100,000 operations gives the text of a plain string", { timeout: 120_000 }, () => {
  const random = numbers(7);
  const words = ["x", "const ", "return;\n", "𝕏", "\n", "    ", "// words\n"];
  const authority = new Authority({ base: Text.empty, version: 0 });
  let model = "";
  let cursor = 0;
  for (let seq = 1; seq <= OPERATIONS; seq++) {
    // Mostly typing on, sometimes elsewhere; taken out faster once it has grown.
    if (random(10) === 0) cursor = random(model.length + 1);
    const gone = random(3) === 0 || model.length > 8_000 ? random(12) : 0;
    const from = Math.max(0, cursor - gone);
    const insert = model.length > 8_000 ? "" : (words[random(words.length)] ?? "");
    const changes = ChangeSet.of({ from, to: cursor, insert }, model.length);
    const push = {
      ...{ seq, base: authority.version, length: model.length },
      changes: [changes.toJSON() as Changes],
    };
    const plan = authority.plan("typist", push);
    if (plan.outcome !== "updates") throw new Error("below the floor");
    for (const update of plan.updates) authority.commit(update);
    model = model.slice(0, from) + insert + model.slice(cursor);
    cursor = from + insert.length;
    if (seq % 10_000 === 0) expect(authority.text.toString() === model, `after ${seq}`).toBe(true);
  }
  expect(authority.version).toBe(OPERATIONS);
  expect(authority.dirty.apply(Text.empty).toString()).toBe(model);
  expect(authority.floor).toBeGreaterThan(OPERATIONS - 10_001);
});

it("every file of the installed packages is saved as it was read", { timeout: 300_000 }, () => {
  const counts = { texts: 0, others: 0 };
  const wrong: string[] = [];
  for (const entry of readdirSync(MODULES, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || statSync(path).size > FILE_BYTES_MAX) continue;
    const bytes = readFileSync(path);
    const { text, format, eols } = load(bytes);
    if (format.encoding !== "utf-8") {
      counts.others++;
      continue;
    }
    counts.texts++;
    const layout = { format, eols };
    const result = save({ text, layout }, ChangeSet.empty(text.length), text);
    if (!("bytes" in result) || Buffer.compare(result.bytes, bytes) !== 0) wrong.push(path);
  }
  expect(wrong).toEqual([]);
  expect(counts.texts).toBeGreaterThan(1_000);
  expect(counts.others).toBeGreaterThan(0);
});
