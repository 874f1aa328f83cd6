import { ChangeSet, Text } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Authority, hashOf } from "../../../actors/editor-sync/authority.ts";
import { ownUpdate, type Update } from "../../../actors/editor-sync/update.ts";
import { updateLines } from "../../../actors/editor-sync/update-lines.ts";
import type { Down, Push } from "../../../bus/contracts/editor-document.ts";
import { EditorSyncCode } from "../../../bus/contracts/editor-document.ts";
import { CollabClient } from "./collab-client.ts";

const START = Text.of(["first line", "second", "", "fourth 𝕏"]);
const CLIENTS = 3;

type Line = Extract<Down, { ack: number } | { changes: unknown }>;
type Sent = Line | { readonly reset: { text: Text; version: number; acknowledged: number } };

/** An authority with clients behind links that lose, double and reorder. */
class Rig {
  readonly authority: Authority;
  readonly clients: CollabClient[];
  /** Every update ever committed, from version 0. */
  readonly all: Update[] = [];
  readonly #up: Push[][] = [];
  readonly #down: Sent[][] = [];
  /** Version up to which each client has been sent updates. */
  readonly #sent: number[] = [];
  /** Pushes of links that broke: they may still arrive. */
  readonly #late: [number, Push][] = [];

  constructor(countMax: number) {
    const bounds = { countMax, bytesMax: 1e9 };
    this.authority = new Authority({ base: START, version: 0, bounds });
    this.clients = Array.from(
      { length: CLIENTS },
      (_, index) => new CollabClient(`c${index}`, START, 0),
    );
    for (let index = 0; index < CLIENTS; index++) {
      this.#up.push([]);
      this.#down.push([]);
      this.#sent.push(0);
    }
  }

  push(index: number): void {
    const push = this.#client(index).push();
    if (push !== undefined) this.#up[index]?.push(push);
  }

  /** The next push arrives, or one of a link that broke long ago. */
  arrive(index: number): void {
    const push = this.#up[index]?.shift();
    if (push !== undefined) this.#take(index, push);
  }

  arriveLate(which: number): void {
    const [late] = this.#late.splice(which % Math.max(1, this.#late.length), 1);
    if (late !== undefined) this.#take(late[0], late[1]);
  }

  deliver(index: number): void {
    const line = this.#down[index]?.shift();
    const client = this.#client(index);
    if (line === undefined) return;
    if (!("reset" in line)) client.take(line);
    else client.reset(line.reset.text, line.reset.version, line.reset.acknowledged);
  }

  /** The link breaks: what was on its way down is lost, what was on its way up may come late. Then it resumes. */
  breakLink(index: number): void {
    for (const push of this.#up[index]?.splice(0) ?? []) this.#late.push([index, push]);
    this.#down[index] = [];
    const { known } = this.#client(index);
    this.#sent[index] = known.version;
    if (this.authority.version === known.version) expect(known.hash).toBe(this.authority.hash());
    this.#pump(index);
  }

  disk(from: number, remove: number, insert: string): void {
    const length = this.authority.text.length;
    const start = from % (length + 1);
    const changes = ChangeSet.of(
      { from: start, to: Math.min(length, start + remove), insert },
      length,
    );
    this.#commit([ownUpdate(changes, "disk")]);
  }

  settle(): void {
    while (this.#late.length > 0) this.arriveLate(0);
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < CLIENTS; index++) {
        this.push(index);
        while ((this.#up[index]?.length ?? 0) > 0) this.arrive(index);
      }
      for (let index = 0; index < CLIENTS; index++) {
        while ((this.#down[index]?.length ?? 0) > 0) this.deliver(index);
      }
    }
  }

  #take(index: number, push: Push): void {
    const { id } = this.#client(index);
    try {
      const plan = this.authority.plan(id, push);
      if (plan.outcome === "floor") this.#reset(index);
      else this.#commit(plan.updates);
    } catch (error) {
      const code = (error as { code: string }).code;
      expect([EditorSyncCode.gap, EditorSyncCode.mismatch]).toContain(code);
      this.#reset(index);
    }
  }

  #commit(updates: readonly Update[]): void {
    for (const update of updates) {
      this.authority.commit(update);
      this.all.push(update);
    }
    for (let index = 0; index < CLIENTS; index++) this.#pump(index);
  }

  #pump(index: number): void {
    const version = this.#sent[index] ?? 0;
    const updates = this.authority.since(version);
    if (updates === undefined) {
      this.#reset(index);
      return;
    }
    for (const line of updateLines(this.#client(index).id, version, updates)) {
      this.#down[index]?.push(JSON.parse(line) as Line);
    }
    this.#sent[index] = this.authority.version;
  }

  #reset(index: number): void {
    const { text, version } = this.authority;
    const acknowledged = this.authority.acknowledged(this.#client(index).id);
    this.#down[index] = [{ reset: { text, version, acknowledged } }];
    this.#sent[index] = version;
  }

  #client(index: number): CollabClient {
    const client = this.clients[index];
    if (client === undefined) throw new Error(`no client ${index}`);
    return client;
  }
}

const who = fc.nat({ max: CLIENTS - 1 });
const typed = fc.constantFrom("", "x", "word", "\n", "two\nlines", "𝕐");
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constant("edit"), who, fc.nat({ max: 60 }), fc.nat({ max: 60 }), typed),
  },
  { weight: 5, arbitrary: fc.tuple(fc.constant("push"), who) },
  { weight: 5, arbitrary: fc.tuple(fc.constant("arrive"), who) },
  { weight: 5, arbitrary: fc.tuple(fc.constant("deliver"), who) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("break"), who) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("late"), fc.nat({ max: 9 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant("disk"), fc.nat({ max: 60 }), fc.nat({ max: 9 }), typed),
  },
) as fc.Arbitrary<[string, number, number, number, string]>;

function run(rig: Rig, steps: readonly [string, number, number, number, string][]): void {
  for (const [what, a, b, c, words] of steps) {
    if (what === "edit") rig.clients[a]?.edit(b, c, words);
    else if (what === "push") rig.push(a);
    else if (what === "arrive") rig.arrive(a);
    else if (what === "deliver") rig.deliver(a);
    else if (what === "break") rig.breakLink(a);
    else if (what === "late") rig.arriveLate(a);
    else rig.disk(a, b, c as unknown as string);
  }
}

describe("an authority", () => {
  it.each([1000, 4])(
    "and all its clients end with one text, whatever is lost, doubled or late (history of %i)",
    (countMax) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const rig = new Rig(countMax);
          run(rig, steps);
          rig.settle();
          const text = rig.authority.text.toString();
          for (const client of rig.clients) {
            expect(client.text).toBe(text);
            expect(client.version).toBe(rig.authority.version);
            expect(client.unconfirmed).toBe(0);
          }
          const folded = rig.all.reduce((doc, { changes }) => changes.apply(doc), START);
          expect(folded.toString(), "the text is the fold of its history").toBe(text);
          expect(rig.authority.dirty.apply(START).toString(), "and of what is unsaved").toBe(text);
          expect(rig.authority.isDirty).toBe(text !== START.toString());
          expect(hashOf(folded)).toBe(rig.authority.hash());
          for (const { id } of rig.clients) {
            const seqs = rig.all.filter(({ client }) => client === id).map(({ seq }) => seq);
            expect(seqs, "each edit once, in order").toEqual(seqs.map((_, index) => index + 1));
          }
        }),
        { numRuns: 300 },
      );
    },
  );

  it("moves an edit over two others one by one, as its client does: over both at once it goes elsewhere", () => {
    const rig = new Rig(1000);
    run(rig, [
      ["edit", 1, 0, 12, "\n"],
      ["edit", 0, 30, 12, "two\nlines"],
      ["edit", 0, 0, 29, ""],
    ]);
    rig.settle();
    expect(rig.clients.map(({ text }) => text)).toEqual([
      rig.authority.text.toString(),
      rig.clients[0]?.text,
      rig.clients[0]?.text,
    ]);
  });

  it("takes a push that arrives again for what it is", () => {
    const authority = new Authority({ base: START, version: 0 });
    const client = new CollabClient("a", START, 0);
    client.edit(0, 0, "x");
    const push = client.push() as Push;
    take(authority, "a", push);
    expect(take(authority, "a", push)).toEqual([]);
    client.edit(1, 1, "y");
    expect(take(authority, "a", client.push() as Push).map(({ seq }) => seq)).toEqual([2]);
    expect(authority.text.line(1).text).toBe("xyfirst line");
  });

  it("never puts off a slow client: its late edits are moved over those of others", () => {
    const authority = new Authority({ base: START, version: 0 });
    const slow = new CollabClient("slow", START, 0);
    slow.edit(0, 0, "slow ");
    const push = slow.push() as Push;
    for (let seq = 1; seq <= 50; seq++) {
      const length = authority.text.length;
      take(authority, "fast", {
        seq,
        base: authority.version,
        length,
        changes: [[length, [0, "!"]]],
      });
    }
    expect(take(authority, "slow", push)).toHaveLength(1);
    expect(authority.text.line(1).text).toBe("slow first line");
  });

  it.each<[string, Partial<Push>, string]>([
    ["another length", { length: 5 }, EditorSyncCode.mismatch],
    ["a version to come", { base: 9 }, EditorSyncCode.mismatch],
    ["a hole before it", { seq: 3 }, EditorSyncCode.gap],
    ["a changeset for another text", { changes: [[3]] }, EditorSyncCode.mismatch],
    ["a break inside a line", { changes: [[[START.length, "a\nb"]]] }, EditorSyncCode.invalid],
  ])("refuses a push with %s, and changes nothing", (_words, part, code) => {
    const authority = new Authority({ base: START, version: 0 });
    const push = { seq: 1, base: 0, length: START.length, changes: [[START.length]], ...part };
    expect(() => authority.plan("a", push)).toThrow(expect.objectContaining({ code }));
    expect(authority.version).toBe(0);
  });

  it("keeps the diamond of two edits, which makes all of this hold", () => {
    const edit = fc.tuple(fc.nat({ max: 28 }), fc.nat({ max: 28 }), typed);
    fc.assert(
      fc.property(edit, edit, (one, other) => {
        const [a, b] = [one, other].map(([from, to, insert]) =>
          ChangeSet.of({ from: Math.min(from, to), to: Math.max(from, to), insert }, START.length),
        ) as [ChangeSet, ChangeSet];
        const first = a.compose(b.map(a)).apply(START).toString();
        expect(b.compose(a.map(b, true)).apply(START).toString()).toBe(first);
      }),
      { numRuns: 500 },
    );
  });
});

function take(authority: Authority, client: string, push: Push): readonly Update[] {
  const plan = authority.plan(client, push);
  if (plan.outcome !== "updates") throw new Error("below the floor");
  for (const update of plan.updates) authority.commit(update);
  return plan.updates;
}
