import { expect, it } from "vitest";
import { DiskSync, factsOf } from "../../../actors/editor-sync/disk-sync.ts";
import { LiveDocument } from "../../../actors/editor-sync/document.ts";
import { load } from "../../../actors/editor-sync/format.ts";
import type { GuardedFiles, ReadFile } from "../../../actors/editor-sync/guarded-files.ts";
import { Marks } from "../../../actors/editor-sync/marks.ts";
import { Merger } from "../../../actors/editor-sync/merger.ts";
import { SimulatedClock } from "../../../bus/clock.ts";
import { EditorSyncCode } from "../../../bus/contracts/editor-document.ts";
import type { Stat } from "../../../bus/contracts/file-guard.ts";
import { BusError } from "../../../bus/errors.ts";
import type { CallContext } from "../../../bus/peer.ts";

/** A file whose reads give one content after the other; the last one stays. */
function fileOf(contents: string[]): { files: GuardedFiles; first: ReadFile; reads: () => number } {
  let reads = 0;
  const now = (): ReadFile => {
    const bytes = new TextEncoder().encode(contents[Math.min(reads, contents.length - 1)]);
    const stamp = `stamp-${Math.min(reads, contents.length - 1)}`;
    const facts = { path: "/a", kind: "file" as const, modifiedMs: 0, mode: 0o644, links: 1 };
    return { stat: { ...facts, size: bytes.length, stamp }, bytes };
  };
  const first = now();
  reads = 1;
  const files = {
    stat: async () => now().stat,
    read: async () => {
      const found = now();
      reads++;
      return found;
    },
  };
  return { files: files as unknown as GuardedFiles, first, reads: () => reads };
}

function open(contents: string[]) {
  return { ...openOf(fileOf(contents)) };
}

function openOf({ files, first, reads }: ReturnType<typeof fileOf>) {
  const clock = new SimulatedClock();
  const bytes = first.bytes ?? new Uint8Array(0);
  const loaded = load(bytes);
  const document = new LiveDocument({
    ...{ id: "0123456789abcdef", disk: factsOf(first.stat, bytes), layout: loaded, why: null },
    start: { base: loaded.text, version: 0 },
    ...{
      marks: new Marks(),
      isRestored: false,
      place: { file: undefined, says: "", clock },
      clock,
    },
    onChange: () => undefined,
  });
  const sync = new DiskSync(document, { files, merger: new Merger(clock), clock });
  return { clock, document, sync, reads };
}

/** Lets a look go on, as far as it does without the clock. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

it("a file that is emptied and filled again takes no unsaved edit with it", async () => {
  const { clock, document, sync, reads } = open(["a\nb\nc\n", "", "a\nb\nC\n"]);
  const { length } = document.authority.text;
  document.push(
    { client: "me", principal: "person" },
    { seq: 1, base: 0, length, changes: [[[0, "mine "], length]] },
  );
  const look = sync.rescan();
  await turns();
  expect(reads()).toBe(2);
  expect(document.authority.text.toString()).toBe("mine a\nb\nc\n");
  clock.advance(1000);
  expect(await look).toEqual({ changes: 1, conflicts: 0 });
  expect(document.authority.text.toString()).toBe("mine a\nb\nC\n");
});

it("a file that stays empty is believed", async () => {
  const { clock, document, sync } = open(["a\nb\n", ""]);
  const look = sync.rescan();
  await turns();
  clock.advance(1000);
  expect(await look).toEqual({ changes: 1, conflicts: 0 });
  expect(document.authority.text.toString()).toBe("");
  expect(document.state()).toMatchObject({ isDirty: false, disk: "same" });
});

/** A disk with one file, or none. */
function diskOf(like: Stat, onDisk: () => string | undefined) {
  const stat = async () => {
    const text = onDisk();
    if (text === undefined) throw new BusError("file-guard/not-found", "it is not there");
    return { ...like, size: text.length, stamp: `now ${text}` };
  };
  const read = async () => ({ stat: await stat(), bytes: new TextEncoder().encode(onDisk()) });
  return { stat, read, names: async () => [] };
}

it("a save that cannot make the file anew leaves the text and no part of a file, and is done again", async () => {
  const file = fileOf(["a\nb\n"]);
  let onDisk: string | undefined;
  let isFull = true;
  const seen = diskOf(file.first.stat, () => onDisk);
  const files = {
    ...seen,
    create: async (_path: string, { bytes }: { bytes: Uint8Array }) => {
      if (onDisk !== undefined) throw new BusError("file-guard/exists", "it is there");
      if (isFull) throw new BusError("file-guard/io", "no space left on device");
      onDisk = new TextDecoder().decode(bytes);
      return seen.stat();
    },
  } as unknown as GuardedFiles;
  const { clock, document, sync } = openOf({ ...file, files });
  const patiently = async <T>(work: Promise<T>): Promise<T> => {
    void work.catch(() => undefined);
    await turns();
    clock.advance(1000);
    await turns();
    clock.advance(1000);
    return work;
  };
  const save = () => patiently(sync.save({ mayCreate: true }, {} as CallContext));
  await expect(save()).rejects.toMatchObject({ code: "file-guard/io" });
  expect(onDisk).toBeUndefined();
  await patiently(sync.rescan());
  expect(document.authority.text.toString()).toBe("a\nb\n");
  expect(document.state().disk).toBe("deleted");
  isFull = false;
  await save();
  expect(onDisk).toBe("a\nb\n");
  expect(document.state()).toMatchObject({ isDirty: false, disk: "same" });
});

it("a save never writes over a file that came after it had looked", async () => {
  const file = fileOf(["a\nb\n"]);
  let onDisk: string | undefined;
  const files = {
    ...diskOf(file.first.stat, () => onDisk),
    create: async () => {
      onDisk = "a\nb\nyours\n";
      throw new BusError("file-guard/exists", "it is there");
    },
  } as unknown as GuardedFiles;
  const { clock, document, sync } = openOf({ ...file, files });
  const saved = sync.save({ mayCreate: true }, {} as CallContext);
  void saved.catch(() => undefined);
  await turns();
  clock.advance(1000);
  await expect(saved).rejects.toMatchObject({ code: EditorSyncCode.changed });
  expect(onDisk).toBe("a\nb\nyours\n");
  expect(document.authority.text.toString()).toBe("a\nb\nyours\n");
});
