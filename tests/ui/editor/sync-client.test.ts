/** The page's client on the actor's real core: whatever is lost, doubled or broken, both have one text and nothing typed is gone. */
import { ChangeSet, EditorState } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EditorSyncCode,
  LINE_BYTES_MAX,
  type State,
} from "../../../bus/contracts/editor-document.ts";
import type { AttachedView, ModelChange } from "../../../ui/editor/document-model.ts";
import { SyncClient, type SyncListener } from "../../../ui/editor/sync-client.ts";
import { SmallAuthority, type TestLink } from "./small-authority.ts";

/** A page: a client, a view and the link it has now. */
class Page {
  link: TestLink | undefined;
  readonly client: SyncClient;
  view: TestView | undefined;
  readonly told: string[] = [];
  #server: SmallAuthority;
  #ids = 0;
  #failure: Error | undefined;

  constructor(server: SmallAuthority, name: string) {
    this.#server = server;
    this.client = new SyncClient({
      newClientId: () => {
        this.#ids += 1;
        return `${name}-${this.#ids}`;
      },
      attach: ({ client, known }) => {
        if (this.#failure !== undefined) return Promise.reject(this.#failure);
        this.link = this.#server.attach(client, known);
        return Promise.resolve(this.link);
      },
      pause: {
        wait: () => Promise.resolve(),
        long: () => new Promise(() => undefined),
        reset: () => undefined,
      },
      isPassing: (error) => error === undefined,
      tell: listener(this),
    });
    void this.client.run();
  }

  /** From the next attach on it is this one's. */
  moveTo(server: SmallAuthority): void {
    this.#server = server;
    this.link?.break();
  }

  fail(error: Error | undefined): void {
    this.#failure = error;
    this.link?.break();
  }

  get text(): string {
    return this.client.model?.text.toString() ?? "";
  }
}

class TestView implements AttachedView {
  state: EditorState;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.state = EditorState.create({ doc: page.client.model?.text ?? "" });
    page.client.model?.attach(this);
  }

  apply({ changes }: ModelChange): void {
    this.state = this.state.update({ changes }).state;
  }

  edit(at: number, remove: number, insert: string): void {
    const { length } = this.state.doc;
    const from = Math.min(at, length);
    const to = Math.min(from + remove, length);
    const transaction = this.state.update({ changes: { from, to, insert }, userEvent: "input" });
    this.state = transaction.state;
    this.#page.client.model?.applyFrom(this, transaction);
    this.#page.client.push();
  }
}

function listener(page: Page): SyncListener {
  return {
    opened: () => {
      page.view = new TestView(page);
    },
    phase: (phase) => void page.told.push(phase),
    facts: () => undefined,
    state: () => undefined,
    conflicts: ([first]) => void page.told.push(`conflict ${first?.from}-${first?.to}`),
    proposals: () => undefined,
    merged: () => undefined,
    counted: () => undefined,
    acknowledged: () => undefined,
    metered: () => undefined,
    refused: (refusal) => {
      if (refusal !== undefined) page.told.push(`refused ${refusal.code}`);
    },
  };
}

/** Everything that waits for promises only has happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}

/** All lines arrive, until nobody has any more to say. */
async function drain(pages: readonly Page[]): Promise<void> {
  for (let round = 0; round < 10_000; round += 1) {
    await settle();
    const busy = pages.filter(({ link }) => (link?.up.length ?? 0) + (link?.down.length ?? 0) > 0);
    if (busy.length === 0) return;
    for (const { link } of busy) {
      link?.moveUp();
      link?.moveDown();
    }
  }
  throw new Error("the pages never come to rest");
}

async function opened(server: SmallAuthority, ...names: string[]): Promise<Page[]> {
  const pages = names.map((name) => new Page(server, name));
  await drain(pages);
  return pages;
}

describe("a page and the authority", () => {
  it("opens in pieces and pushes each edit at once, one at a time", async () => {
    const server = new SmallAuthority("one\ntwo\nthree");
    const [page] = await opened(server, "a");
    expect(page?.text).toBe("one\ntwo\nthree");
    expect(page?.client.model?.version).toBe(5);
    page?.view?.edit(0, 0, "1");
    page?.view?.edit(1, 0, "2");
    page?.view?.edit(2, 0, "3");
    expect(page?.link?.up).toHaveLength(1);
    page?.link?.moveUp();
    page?.link?.moveDown();
    await settle();
    expect(page?.link?.up).toMatchObject([
      { seq: 2, changes: [expect.anything(), expect.anything()] },
    ]);
    await drain([page as Page]);
    expect(server.text).toBe("123one\ntwo\nthree");
    expect(page?.client.model?.pending).toHaveLength(0);
  });

  it("costs an edit of one character less than 200 bytes in a text of 100,000 lines", async () => {
    const lines = Array.from({ length: 100_000 }, (_, at) => `line ${at}`);
    const server = new SmallAuthority("x");
    server.change(ChangeSet.of({ from: 0, to: 1, insert: lines.join("\n") }, 1));
    const [page] = await opened(server, "a");
    page?.view?.edit(500_000, 0, "!");
    await drain([page as Page]);
    expect(page?.client.meter.edits).toBe(1);
    expect(page?.client.meter.bytes).toBeLessThan(200);
  }, 60_000);

  it("keeps what was typed while the link was gone, and pushes it once", async () => {
    const server = new SmallAuthority("text");
    const [page] = await opened(server, "a");
    page?.view?.edit(0, 0, "kept ");
    page?.link?.moveUp();
    page?.link?.break();
    page?.view?.edit(9, 0, "!");
    await drain([page as Page]);
    expect(server.text).toBe("kept text!");
    expect(page?.text).toBe("kept text!");
  });

  it("takes a snapshot when its version is below the floor, with what was not acknowledged", async () => {
    const server = new SmallAuthority("base", 2);
    const [a, b] = await opened(server, "a", "b");
    a?.view?.edit(4, 0, " A1");
    a?.link?.moveUp();
    a?.link?.break();
    await settle();
    a?.link?.break();
    a?.view?.edit(0, 0, "A2 ");
    for (let count = 0; count < 6; count += 1) {
      b?.view?.edit(0, 0, `${count}`);
      await drain([b as Page]);
    }
    await drain([a as Page, b as Page]);
    expect(server.text.match(/A1/g)).toHaveLength(1);
    expect(server.text.match(/A2/g)).toHaveLength(1);
    expect(a?.text).toBe(server.text);
    expect(b?.text).toBe(server.text);
  });

  it("brings back what an authority without a journal has forgotten", async () => {
    const [page] = await opened(new SmallAuthority("disk"), "a");
    page?.view?.edit(4, 0, " typed");
    await drain([page as Page]);
    const reborn = new SmallAuthority("disk");
    page?.moveTo(reborn);
    await drain([page as Page]);
    expect(page?.text).toBe("disk typed");
    expect(reborn.text).toBe("disk typed");
  });

  it("takes what became of a saved file when its authority knows it no more", async () => {
    const [page] = await opened(new SmallAuthority("disk"), "a");
    page?.view?.edit(4, 0, " saved");
    await drain([page as Page]);
    const state = { ...(page?.link?.facts.state as State), isDirty: false };
    page?.link?.down.push({ state });
    await drain([page as Page]);
    page?.view?.edit(0, 0, "typed ");
    const reborn = new SmallAuthority("disk saved\nchecked out");
    page?.moveTo(reborn);
    await drain([page as Page]);
    expect(page?.text).toBe("typed disk saved\nchecked out");
    expect(reborn.text).toBe("typed disk saved\nchecked out");
  });

  it("gets on after an edit that was refused is taken back", async () => {
    const server = new SmallAuthority("text");
    const [page] = await opened(server, "a");
    page?.view?.edit(4, 0, " too long");
    page?.link?.up.shift();
    const refused = { seq: 1, code: EditorSyncCode.invalid, message: "too long", data: null };
    page?.link?.down.push({ refused });
    page?.link?.moveDown();
    await settle();
    page?.view?.edit(4, 9, "");
    await settle();
    // Both as one are nothing; else the first would be refused again, and with it all that is typed from then on.
    expect(page?.link?.up).toEqual([]);
    await page?.client.settled();
    page?.view?.edit(4, 0, "!");
    await drain([page as Page]);
    expect(server.text).toBe("text!");
    expect(page?.text).toBe("text!");
  });

  it("pushes in lines within their bound what was typed while the link was gone", async () => {
    const server = new SmallAuthority("");
    const [page] = await opened(server, "a");
    page?.fail(new Error("away"));
    await settle();
    const long = "\u20ac".repeat(2_000_000);
    for (let count = 0; count < 4; count += 1) page?.view?.edit(0, 0, long);
    page?.fail(undefined);
    page?.client.retry();
    await settle();
    const { length } = new TextEncoder().encode(JSON.stringify(page?.link?.up[0]));
    expect(length).toBeGreaterThan(long.length);
    expect(length).toBeLessThan(LINE_BYTES_MAX);
    await drain([page as Page]);
    expect(server.text.length).toBe(4 * long.length);
  });

  it("asks for a whole text when a hash does not fit", async () => {
    const server = new SmallAuthority("right");
    const [page] = await opened(server, "a");
    page?.link?.down.push({ check: { version: 5, hash: "0".repeat(14) } });
    await drain([page as Page]);
    page?.view?.edit(5, 0, "!");
    await drain([page as Page]);
    expect(page?.text).toBe("right!");
    expect(server.text).toBe("right!");
  });

  it("says that it failed, keeps its text, and goes on when asked", async () => {
    const server = new SmallAuthority("text");
    const [page] = await opened(server, "a");
    page?.fail(new Error("no such file"));
    await settle();
    page?.view?.edit(0, 0, "still ");
    expect(page?.told.at(-1)).toBe("failed");
    page?.fail(undefined);
    page?.client.retry();
    await drain([page as Page]);
    expect(page?.told.at(-1)).toBe("live");
    expect(server.text).toBe("still text");
  });

  it("moves places it is told of over what is not acknowledged", async () => {
    const server = new SmallAuthority("one two");
    const [page] = await opened(server, "a");
    page?.view?.edit(0, 0, "12345");
    const sides = { theirs: "", base: "" };
    page?.link?.down.push({ conflicts: [{ id: 1, from: 4, to: 7, ...sides }], version: 5 });
    page?.link?.moveDown();
    await settle();
    expect(page?.told).toContain("conflict 9-12");
  });

  it("is settled when all that was typed has arrived, over whatever links", async () => {
    const server = new SmallAuthority("text");
    const [page] = await opened(server, "a");
    let isSettled = false;
    page?.view?.edit(0, 0, "1");
    page?.view?.edit(1, 0, "2");
    void page?.client.settled().then(() => {
      isSettled = true;
    });
    page?.link?.break();
    expect(isSettled).toBe(false);
    await drain([page as Page]);
    expect(server.text).toBe("12text");
    expect(isSettled).toBe(true);
    await page?.client.settled();
  });

  it("ends for good when the view is closed", async () => {
    const [page] = await opened(new SmallAuthority("text"), "a");
    page?.client.close();
    await settle();
    expect(page?.link?.ended).toBe("closed");
  });
});

type Act =
  | { readonly do: "edit"; readonly page: number; readonly at: number; readonly remove: number }
  | { readonly do: "up" | "down" | "break" | "resync"; readonly page: number }
  | { readonly do: "disk"; readonly at: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("edit" as const),
      page: fc.nat(2),
      at: fc.nat(60),
      remove: fc.nat(3),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom("up" as const, "down" as const), page: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("break" as const, "resync" as const),
      page: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("disk" as const), at: fc.nat(60) }) },
);

describe("three pages, whatever happens between them", () => {
  it.each([1_000, 3])(
    "come to one text, with a history of %i",
    async (historyMax) => {
      await fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
          const server = new SmallAuthority("a line\nand another\n", historyMax);
          const pages = await opened(server, "a", "b", "c");
          for (const [step, one] of acts.entries()) {
            perform(server, pages, one, step);
            await settle();
          }
          await drain(pages);
          for (const page of pages) {
            expect(page.text).toBe(server.text);
            expect(page.view?.state.doc.toString()).toBe(server.text);
            expect(page.client.model?.confirmed.toString()).toBe(server.text);
            expect(page.client.model?.pending).toHaveLength(0);
            expect(page.told.filter((words) => words.startsWith("refused"))).toEqual([]);
          }
        }),
        { numRuns: 120 },
      );
    },
    60_000,
  );

  it("have every insertion exactly once while nothing is deleted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const server = new SmallAuthority("", 4);
        const pages = await opened(server, "a", "b", "c");
        const marks: string[] = [];
        for (const [step, one] of acts.entries()) {
          if (one.do === "edit") marks.push(`<${step}>`);
          perform(server, pages, one.do === "edit" ? { ...one, remove: 0 } : one, step);
          await settle();
        }
        await drain(pages);
        const inserted =
          marks.join("") +
          acts
            .filter((one) => one.do === "disk")
            .map(() => "D")
            .join("");
        expect([...server.text].sort().join("")).toBe([...inserted].sort().join(""));
      }),
      { numRuns: 120 },
    );
  }, 60_000);
});

function perform(server: SmallAuthority, pages: readonly Page[], one: Act, step: number): void {
  if (one.do === "disk") {
    const { length } = server.authority.text;
    return server.change(ChangeSet.of({ from: Math.min(one.at, length), insert: "D" }, length));
  }
  const page = pages[one.page];
  if (one.do === "edit") page?.view?.edit(one.at, one.remove, `<${step}>`);
  else if (one.do === "up") page?.link?.moveUp();
  else if (one.do === "down") page?.link?.moveDown();
  else if (one.do === "break") page?.link?.break();
  else page?.link?.send({ resync: true });
}
