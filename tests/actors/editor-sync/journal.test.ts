import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChangeSet, Text } from "@codemirror/state";
import { afterAll, describe, expect, it } from "vitest";
import { Authority } from "../../../actors/editor-sync/authority.ts";
import { Journal } from "../../../actors/editor-sync/journal.ts";
import {
  encodeJournal,
  encodeRecord,
  type Head,
  JOURNAL_FORMAT,
  type JournalRecord,
  readJournal,
} from "../../../actors/editor-sync/journal-record.ts";
import { clientUpdate, type Update } from "../../../actors/editor-sync/update.ts";
import { SimulatedClock } from "../../../bus/clock.ts";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-journal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BASE = "one\ntwo 𝕏\n";
const base = Text.of(BASE.split("\n"));
const head: Head = {
  format: JOURNAL_FORMAT,
  document: "0123456789abcdef",
  path: "/ws/a.txt",
  hash: "00",
  version: 7,
  clients: [["a", 3]],
  marks: { conflicts: [], proposals: [], nextId: 1 },
  isRestored: false,
};
const start: JournalRecord[] = [
  { kind: "head", head },
  { kind: "base", bytes: new TextEncoder().encode(BASE) },
];

/** Edits that type a letter each, and the texts after each of them. */
function typing(count: number): { edits: Update[]; texts: string[] } {
  const edits: Update[] = [];
  const texts = [BASE];
  let text = base;
  for (let seq = 4; seq < 4 + count; seq++) {
    const changes = ChangeSet.of(
      { from: (seq * 3) % text.length, insert: seq % 3 === 0 ? "\n" : "é" },
      text.length,
    );
    text = changes.apply(text);
    edits.push(clientUpdate(changes, "a", seq));
    texts.push(text.toString());
  }
  return { edits, texts };
}

/** What a journal brings back. */
function restored(bytes: Uint8Array): { text: string; version: number; seq: number } | undefined {
  const replay = readJournal(bytes);
  if (replay?.base === undefined) return undefined;
  const lines = new TextDecoder().decode(replay.base).split("\n");
  const { version, clients } = replay.head;
  const authority = new Authority({ base: Text.of(lines), version, clients });
  for (const update of replay.edits) authority.commit(update);
  return {
    text: authority.text.toString(),
    version: authority.version,
    seq: authority.acknowledged("a"),
  };
}

describe("a journal", () => {
  it("cut off at any byte brings back the text of a whole edit, and all before the cut", () => {
    const { edits, texts } = typing(12);
    const parts = edits.map((update) => encodeRecord({ kind: "edit", update }));
    const beginning = encodeJournal(start);
    const whole = Buffer.concat([beginning, ...parts]);
    for (let length = 0; length <= whole.length; length++) {
      const found = restored(whole.subarray(0, length));
      if (length < beginning.length) {
        expect(found, `cut at ${length}`).toBeUndefined();
        continue;
      }
      let count = 0;
      for (let at = beginning.length; count < parts.length; count++) {
        at += parts[count]?.length ?? 0;
        if (at > length) break;
      }
      const expected = { text: texts[count], version: 7 + count, seq: 3 + count };
      expect(found, `cut at ${length}`).toEqual(expected);
    }
  });

  it("with any byte of its tail damaged brings back what came before", () => {
    const { edits, texts } = typing(3);
    const parts = edits.map((update) => encodeRecord({ kind: "edit", update }));
    const whole = Buffer.concat([encodeJournal(start), ...parts]);
    const last = whole.length - (parts.at(-1)?.length ?? 0);
    for (let at = last; at < whole.length; at++) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      expect(restored(damaged)?.text, `damaged at ${at}`).toBe(texts[2]);
    }
  });

  it("goes on behind a torn tail as if it had never been there", () => {
    const { edits, texts } = typing(4);
    const file = join(folder, "torn.journal");
    const journal = Journal.create(file, start, new SimulatedClock());
    journal.append(edits.slice(0, 3).map((update) => ({ kind: "edit", update })));
    journal.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, readFileSync(file).subarray(0, -5));
    const replay = readJournal(readFileSync(file));
    expect(replay?.edits).toHaveLength(2);
    const again = Journal.resume(file, replay?.bytes ?? 0, new SimulatedClock());
    again.append(edits.slice(2).map((update) => ({ kind: "edit", update })));
    again.close();
    expect(restored(readFileSync(file))).toEqual({ text: texts[4], version: 11, seq: 7 });
  });

  it("that cannot be written whole is as it was before", () => {
    const { edits } = typing(2);
    const file = join(folder, "full.journal");
    const journal = Journal.create(file, start, new SimulatedClock());
    journal.append([{ kind: "edit", update: edits[0] as Update }]);
    const before = readFileSync(file);
    const unwritable = {
      kind: "edit",
      update: { ...edits[1], json: () => 0 },
    } as unknown as JournalRecord;
    const records: JournalRecord[] = [{ kind: "edit", update: edits[1] as Update }, unwritable];
    expect(() => journal.append(records)).toThrow();
    expect(readFileSync(file)).toEqual(before);
    journal.close();
  });

  it("takes no record that would not be believed when it is read", () => {
    const file = join(folder, "long.journal");
    const journal = Journal.create(file, start, new SimulatedClock());
    const long: JournalRecord = { kind: "base", bytes: new Uint8Array(64 * 1024 * 1024 + 1) };
    expect(() => journal.append([long])).toThrow(/at most 67108864 may be/);
    journal.append([{ kind: "edit", update: typing(1).edits[0] as Update }]);
    expect(readJournal(readFileSync(file))?.edits).toHaveLength(1);
    journal.close();
  });

  it("of another format is left alone", () => {
    const other = encodeJournal([{ kind: "head", head: { ...head, format: 2 } }]);
    expect(readJournal(other)).toBeUndefined();
    expect(readJournal(new TextEncoder().encode("something else"))).toBeUndefined();
  });
});
