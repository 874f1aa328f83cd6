/** Journals that an earlier life has left: which one a file gets, and what a rule closes by now. */
import { createHash } from "node:crypto";
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { ChangeSet, Text } from "@codemirror/state";
import { afterEach, expect, test } from "vitest";
import { Journal } from "../../../actors/editor-sync/journal.ts";
import { JOURNAL_FORMAT, type JournalRecord } from "../../../actors/editor-sync/journal-record.ts";
import { systemClock } from "../../../bus/clock.ts";
import * as contract from "../../../bus/contracts/editor-sync.ts";
import { grant } from "../../../bus/contracts/file-guard.ts";
import { type InProcess, openInProcess } from "./in-process.ts";
import { PageView } from "./page.ts";

const LEFT = "1e".repeat(8);
const OLDER = "2".repeat(16);

let place: InProcess | undefined;
afterEach(() => place?.close());

/** A journal of a file that held "a\n", with `typed` in front of it; empty: nothing unsaved. */
function leaveJournal(file: string, document: string, path: string, typed: string): void {
  const text = "a\n";
  const head = {
    ...{ format: JOURNAL_FORMAT, document, path, version: 3, clients: [], isRestored: false },
    hash: createHash("sha256").update(text).digest("hex"),
    marks: { nextId: 1, conflicts: [], proposals: [] },
  };
  const length = Text.of(text.split("\n")).length;
  const changes = ChangeSet.of({ from: 0, insert: typed }, length);
  const dirty: JournalRecord[] = [
    { kind: "base", bytes: new TextEncoder().encode(text) },
    { kind: "dirty", json: JSON.stringify(changes) },
  ];
  const records: JournalRecord[] = [{ kind: "head", head }, ...(typed === "" ? [] : dirty)];
  Journal.create(file, records, systemClock).close();
}

async function viewOf(path: string): Promise<PageView> {
  return PageView.open(await (place as InProcess).peer(), { path, client: "one" });
}

test("unsaved edits of a file that a rule closes by now are in memory, for who may read it", async () => {
  const opened = await openInProcess("no-hints", (journals, workspace) => {
    leaveJournal(join(journals, `${LEFT}.journal`), LEFT, join(workspace, ".env"), "typed ");
  });
  place = opened;
  await expect(viewOf(".env")).rejects.toMatchObject({ code: "file-guard/denied" });
  expect(readdirSync(opened.journals)).toEqual([`${LEFT}.journal`]);
  await (await opened.peer()).request(grant, { path: ".env" });
  const view = await viewOf(".env");
  expect(view.facts.document).toBe(LEFT);
  expect(view.text).toContain("typed ");
  expect(view.facts.isRestored).toBe(true);
  expect(view.state).toMatchObject({ isDirty: true, journal: "none" });
  expect(readdirSync(opened.journals)).toEqual([]);
});

test("of two journals of one file the newest with unsaved edits is opened, and the other is kept", async () => {
  const opened = await openInProcess("no-hints", (journals, workspace) => {
    const path = join(workspace, "notes.txt");
    const made = [
      ["0".repeat(16), ""],
      ["1".repeat(16), "newer "],
      [OLDER, "older "],
    ] as const;
    for (const [at, [id, typed]] of made.entries()) {
      const file = join(journals, `${id}.journal`);
      leaveJournal(file, id, path, typed);
      const seconds = Date.now() / 1000 - at;
      utimesSync(file, seconds, seconds);
    }
  });
  place = opened;
  opened.write("notes.txt", "a\n");
  const view = await viewOf("notes.txt");
  expect(view.text).toBe("newer a\n");
  const { document } = view.facts;
  const kept = (await (await opened.peer()).request(contract.list, {})).documents;
  expect(kept.map((one) => one.document).sort()).toEqual([document, OLDER].sort());
  expect(readdirSync(opened.journals)).toContain(`${OLDER}.journal`);
});
