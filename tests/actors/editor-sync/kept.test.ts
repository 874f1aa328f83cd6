import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChangeSet } from "@codemirror/state";
import { afterAll, describe, expect, it } from "vitest";
import { JOURNAL_FORMAT, readJournal } from "../../../actors/editor-sync/journal-record.ts";
import { Kept, type KeptState } from "../../../actors/editor-sync/kept.ts";
import { clientUpdate } from "../../../actors/editor-sync/update.ts";
import { SimulatedClock } from "../../../bus/clock.ts";
import type { Proposal } from "../../../bus/contracts/editor-document.ts";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-kept-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keptAt(name: string, proposals: Proposal[] = []): { kept: Kept; file: string } {
  const file = join(folder, name);
  const place = { file, says: "", clock: new SimulatedClock() };
  const state = (): KeptState => ({
    head: {
      ...{ format: JOURNAL_FORMAT, document: "0123456789abcdef", path: "/a", hash: "00" },
      ...{ version: 0, clients: [], isRestored: false },
      marks: { conflicts: [], proposals, nextId: 1 },
    },
    base: () => new TextEncoder().encode("a"),
    past: [],
    dirty: proposals.length > 0 ? JSON.stringify([1]) : undefined,
  });
  return { kept: new Kept(place, state), file };
}

const typed = (seq: number) => clientUpdate(ChangeSet.of({ from: 0, insert: "x" }, seq), "me", seq);

describe("a kept document", () => {
  it("that was let go leaves its journal to whoever opened it since", () => {
    const { kept: before, file } = keptAt("let-go");
    before.rewrite();
    before.append([typed(1)]);
    before.close();
    const { kept: after } = keptAt("let-go");
    after.resume(statSync(file).size, "has-base");
    // A look that was under way when the first one was let go.
    before.rewrite();
    after.append([typed(2)]);
    expect(readJournal(readFileSync(file))?.edits.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(() => before.append([typed(3)])).toThrow(/it is closed/);
    after.remove();
    after.rewrite();
    expect(() => statSync(file)).toThrow(/ENOENT/);
  });

  it("has a journal within its bound, however often an agent proposes", () => {
    const proposals: Proposal[] = [];
    const { kept, file } = keptAt("marks", proposals);
    kept.rewrite();
    const rest = { set: 1, by: "agent", note: "", from: 0, to: 0, isStale: false };
    for (let id = 0; id < 100; id++) {
      proposals.push({ ...rest, id, insert: "y".repeat(10_000) });
      kept.appendMarks();
    }
    // The last proposals, and what a journal may grow by.
    expect(statSync(file).size).toBeLessThan(4 * 1024 * 1024);
    expect(readJournal(readFileSync(file))?.head.document).toBe("0123456789abcdef");
    kept.close();
  });
});
