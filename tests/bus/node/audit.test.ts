/** The reader of the audit log: what is whole is whole, and no single change to it goes unseen. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../../bus/node/audit/lines.ts";
import { type AuditVerdict, type KnownHead, verifyAudit } from "../../../bus/node/audit/verify.ts";
import { chain, intent, writeLog } from "./audit-log.ts";

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
const MANY = Array.from({ length: 9 }, (_, index) => intent(`/ws/${index}`));

async function verify(
  files: ReadonlyArray<readonly [number, string]>,
  known?: KnownHead,
): Promise<AuditVerdict> {
  const log = writeLog(new Map(files));
  try {
    return await verifyAudit(log.folder, known);
  } finally {
    log.remove();
  }
}

/** What a log without hashes could tell: that all lines are there and have their numbers. */
function naive(log: string): boolean {
  try {
    const numbers = log
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line).n);
    return numbers.every((number, index) => number === index + 1);
  } catch {
    return false;
  }
}

describe("a whole log", () => {
  it("is whole when it is empty, or not there", async () => {
    expect(await verify([])).toMatchObject({ isWhole: true, records: 0 });
    expect(await verifyAudit("/nonexistent/audit", undefined)).toMatchObject({ isWhole: true });
  });

  it("goes over several files, and may go on after the head that is known", async () => {
    const { lines } = chain(MANY);
    const known = chain(MANY.slice(0, 7)).head;
    const files = [
      [1, text(lines.slice(0, 4))],
      [5, text(lines.slice(4))],
    ] as const;
    const verdict = await verify(files, known);
    expect(verdict).toEqual({
      ...{ isWhole: true, records: 9, first: 1, last: 9, wrong: null, notes: [] },
    });
  });

  it("says when no head was kept, since a cut end would not be seen", async () => {
    const { notes } = await verify([[1, text(chain(MANY).lines)]]);
    expect(notes).toEqual([expect.stringContaining("no head of this log")]);
    expect((await verify([])).notes).toEqual([]);
  });

  it("may end in a line that a kill has cut, which is said", async () => {
    const { lines, head } = chain(MANY);
    const verdict = await verify([[1, text(lines) + lines[0]?.slice(0, 50)]], head);
    expect(verdict).toMatchObject({ isWhole: true, records: 9 });
    expect(verdict.notes).toEqual(["the last 50 bytes are a record cut by a kill or a full disk"]);
  });

  it("may have a cut line in it, when the next record says so", async () => {
    const first = chain(MANY);
    const cut = first.lines[3]?.slice(0, 40) ?? "";
    const torn = { kind: "torn", bytes: cut.length, cut: sha256(Buffer.from(cut)) };
    const second = chain([torn, ...MANY], first.head);
    const log = `${text(first.lines)}${cut}\n${text(second.lines)}`;
    expect(await verify([[1, log]], second.head)).toMatchObject({ isWhole: true, records: 19 });
    const other = `${text(first.lines)}${cut.replace("{", "[")}\n${text(second.lines)}`;
    expect(await verify([[1, other]])).toMatchObject({ wrong: { line: 10, number: 10 } });
  });

  it("may begin late, when a record says that rotation has dropped what was before", async () => {
    const first = chain(MANY);
    const dropped = { kind: "dropped", last: 9, cut: first.head.hash };
    const second = chain([...MANY, dropped, ...MANY], first.head);
    expect(await verify([[10, text(second.lines)]], second.head)).toMatchObject({
      isWhole: true,
      first: 10,
      notes: ["records 1 to 9 were dropped by rotation"],
    });
    const silent = chain(MANY, first.head);
    expect((await verify([[10, text(silent.lines)]])).wrong?.says).toContain("1 to 9 are missing");
    const lie = chain([{ ...dropped, last: 8 }, ...MANY], first.head);
    expect((await verify([[10, text(lie.lines)]])).isWhole).toBe(false);
  });
});

describe("a log that was changed", () => {
  const { lines, head } = chain(MANY);

  it("names the first record that is wrong", async () => {
    const changed = lines.with(4, lines[4]?.replace("/ws/4", "/ws/9") ?? "");
    expect((await verify([[1, text(changed)]])).wrong).toMatchObject({
      ...{ line: 5, number: 5, says: "record 5 was changed: its hash does not fit its text" },
    });
    const without = lines.toSpliced(4, 1);
    expect((await verify([[1, text(without)]])).wrong).toMatchObject({ line: 5, number: 5 });
    const swapped = lines.with(2, lines[5] ?? "").with(5, lines[2] ?? "");
    expect((await verify([[1, text(swapped)]])).wrong).toMatchObject({ line: 3, number: 3 });
  });

  it("is found when a forger has made all hashes anew", async () => {
    const forged = chain(MANY.with(4, intent("/ws/harmless")));
    expect(naive(text(forged.lines))).toBe(true);
    expect((await verify([[1, text(forged.lines)]])).isWhole).toBe(true);
    expect((await verify([[1, text(forged.lines)]], head)).wrong?.says).toBe(
      "the hub has seen another record 9",
    );
    const middle = [...lines.slice(0, 5), ...forged.lines.slice(5)];
    expect((await verify([[1, text(middle)]], head)).wrong).toMatchObject({ number: 6 });
  });

  it("is found when its end, or all of it, was cut off", async () => {
    const short = text(lines.slice(0, 6));
    expect(naive(short)).toBe(true);
    expect((await verify([[1, short]])).isWhole).toBe(true);
    expect((await verify([[1, short]], head)).wrong?.says).toContain("its end was cut off");
    expect((await verify([], head)).isWhole).toBe(false);
  });

  it("is found when it is another one that begins after all that the hub has seen", async () => {
    const made = { count: 20, hash: sha256(Buffer.from("made up")) };
    const dropped = { kind: "dropped", last: 20, cut: made.hash };
    const files = [[21, text(chain([dropped, ...MANY], made).lines)]] as const;
    expect((await verify(files)).isWhole).toBe(true);
    expect((await verify(files, head)).wrong?.says).toBe(
      "the log begins with record 21, but the hub has last seen 9: what was between is missing",
    );
    const next = chain([{ kind: "dropped", last: 9, cut: head.hash }, ...MANY], head);
    expect((await verify([[10, text(next.lines)]], head)).isWhole).toBe(true);
  });

  it("is found when a forged record says too little", async () => {
    for (const kind of ["torn", "dropped"]) {
      const odd = chain([{ kind }], head);
      expect(await verify([[1, text([...lines, ...odd.lines])]])).toMatchObject({
        isWhole: false,
        wrong: { line: 10, number: 10, says: "this is no record" },
      });
    }
  });

  it("whatever one change is made, it is found", async () => {
    const log = text(lines);
    const at = fc.integer({ min: 0, max: lines.length - 1 });
    const change = fc.oneof(
      fc.record({ kind: fc.constant("byte"), at: fc.integer({ min: 0, max: log.length - 1 }) }),
      fc.record({ kind: fc.constant("remove"), at }),
      fc.record({ kind: fc.constant("repeat"), at }),
      fc.record({ kind: fc.constant("swap"), at: fc.integer({ min: 0, max: lines.length - 2 }) }),
      fc.record({ kind: fc.constant("cut"), at: fc.integer({ min: 0, max: log.length - 2 }) }),
    );
    await fc.assert(
      fc.asyncProperty(change, async ({ kind, at: where }) => {
        expect((await verify([[1, damaged(kind, where)]], head)).isWhole).toBe(false);
      }),
      { numRuns: 150 },
    );

    function damaged(kind: string, where: number): string {
      const line = lines[where] ?? "";
      switch (kind) {
        case "byte":
          return `${log.slice(0, where)}${log[where] === "7" ? "8" : "7"}${log.slice(where + 1)}`;
        case "remove":
          return text(lines.toSpliced(where, 1));
        case "repeat":
          return text(lines.toSpliced(where, 0, line));
        case "swap":
          return text(lines.with(where, lines[where + 1] ?? "").with(where + 1, line));
        default:
          return log.slice(0, where);
      }
    }
  });
});
