/** The actor's real core behind links that a test moves line by line, breaks and forgets. */
import { type ChangeSet, Text } from "@codemirror/state";
import { Authority, hashOf } from "../../../actors/editor-sync/authority.ts";
import { ownUpdate, type Update } from "../../../actors/editor-sync/update.ts";
import { updateLines } from "../../../actors/editor-sync/update-lines.ts";
import type { Down, Facts, Up } from "../../../bus/contracts/editor-document.ts";
import type { KnownText, SyncLink } from "../../../ui/editor/sync-client.ts";

const DOCUMENT = "0123456789abcdef";
const TEXT_PIECE = 7;

/** One document with its links. */
export class SmallAuthority {
  authority: Authority;
  readonly #links = new Set<TestLink>();

  constructor(text: string, historyMax = 1_000) {
    this.authority = new Authority({
      base: Text.of(text.split("\n")),
      version: 5,
      bounds: { countMax: historyMax, bytesMax: 1_000_000 },
    });
  }

  get text(): string {
    return this.authority.text.toString();
  }

  attach(client: string, known: KnownText | undefined): TestLink {
    const { version, floor } = this.authority;
    const isResumed = known !== undefined && known.version >= floor && known.version <= version;
    const link = new TestLink(this, { client, isResumed, facts: this.facts() });
    this.#links.add(link);
    if (isResumed) link.tell(this.authority.since(known.version) ?? [], known.version);
    else link.snapshot();
    return link;
  }

  detach(link: TestLink): void {
    this.#links.delete(link);
  }

  /** Takes a line of a client and tells all. */
  take(link: TestLink, line: Up): void {
    if ("resync" in line) return link.reset("resync");
    if ("bye" in line) return;
    const plan = this.authority.plan(link.client, line);
    if (plan.outcome === "floor") return link.reset("floor");
    this.#commit(plan.updates);
  }

  /** What the disk or an agent does. */
  change(changes: ChangeSet, by?: string): void {
    this.#commit([ownUpdate(changes, by === undefined ? "disk" : "accept", by)]);
  }

  facts(): Facts {
    const { authority } = this;
    return {
      document: DOCUMENT,
      version: authority.version,
      length: authority.text.length,
      lines: authority.text.lines,
      hash: hashOf(authority.text),
      format: { encoding: "utf-8", bom: false, eol: "\n", mixedEol: false },
      bytes: 0,
      mode: 0o644,
      links: 1,
      stamp: "",
      access: "edit",
      why: null,
      state: {
        path: "/w/a.txt",
        isDirty: authority.isDirty,
        disk: "same",
        diskSays: "",
        journal: "kept",
        journalSays: "",
        clients: this.#links.size,
      },
      isRestored: false,
    };
  }

  #commit(updates: readonly Update[]): void {
    if (updates.length === 0) return;
    const { version } = this.authority;
    for (const update of updates) this.authority.commit(update);
    for (const link of this.#links) link.tell(updates, version);
  }
}

/** Both directions queue until the test moves them. */
export class TestLink implements SyncLink {
  readonly client: string;
  readonly isResumed: boolean;
  readonly facts: Facts;
  readonly acknowledged: number;
  readonly up: Up[] = [];
  readonly down: Down[] = [];
  /** How the page ended it. */
  ended: "closed" | "left" | undefined;
  readonly #server: SmallAuthority;
  readonly #arrived: Down[] = [];
  #wake: () => void = () => undefined;
  #isBroken = false;

  constructor(
    server: SmallAuthority,
    { client, isResumed, facts }: Pick<TestLink, "client" | "isResumed" | "facts">,
  ) {
    this.#server = server;
    this.client = client;
    this.isResumed = isResumed;
    this.facts = facts;
    this.acknowledged = server.authority.acknowledged(client);
  }

  get lines(): AsyncIterable<Down> {
    return this.#lines();
  }

  send(line: Up): void {
    if (!this.#isBroken) this.up.push(line);
  }

  end(how: "closed" | "left"): void {
    this.ended = how;
    this.break();
  }

  tell(updates: readonly Update[], version: number): void {
    for (const line of updateLines(this.client, version, updates)) this.down.push(JSON.parse(line));
  }

  snapshot(): void {
    const { authority } = this.#server;
    const text = authority.text.toString();
    const piece = Math.max(TEXT_PIECE, Math.ceil(text.length / 40));
    for (let at = 0; at < text.length; at += piece)
      this.down.push({ text: text.slice(at, at + piece) });
    this.down.push({ loaded: { version: authority.version, hash: authority.hash() } });
  }

  reset(why: "resync" | "floor"): void {
    const acknowledged = this.#server.authority.acknowledged(this.client);
    this.down.push({ reset: { why, facts: this.#server.facts(), acknowledged } });
    this.snapshot();
  }

  /** The oldest line of the page arrives. */
  moveUp(): void {
    const line = this.up.shift();
    if (line !== undefined) this.#server.take(this, line);
  }

  /** The oldest line of the authority arrives. */
  moveDown(): void {
    const line = this.down.shift();
    if (line === undefined) return;
    this.#arrived.push(line);
    this.#wake();
  }

  /** What is under way is lost. */
  break(): void {
    this.#isBroken = true;
    this.#server.detach(this);
    this.up.length = 0;
    this.down.length = 0;
    this.#wake();
  }

  async *#lines(): AsyncGenerator<Down> {
    for (;;) {
      const line = this.#arrived.shift();
      if (line !== undefined) yield line;
      else if (this.#isBroken) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
