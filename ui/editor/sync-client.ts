/**
 * Keeps a DocumentModel and the authority on one text, over any number of links.
 *
 *   loading --loaded--> live --link lost--> away --attached--> live
 *      \--refused--> failed                  \--refused--> failed (the text stays)
 *
 * Every edit is pushed at once, at most one push is under way, and what is not acknowledged is pushed again on the next
 * link with the same numbers, so that it is applied once. Whatever a link tells, nothing pending is dropped.
 */
import { ChangeSet, Text } from "@codemirror/state";
import type * as v from "valibot";
import {
  type Changes,
  type Conflict,
  type Down,
  EditorSyncCode,
  type Facts,
  LINE_BYTES_MAX,
  type Proposal,
  PUSH_CHANGES_MAX,
  type RemoteUpdate,
  type State,
  type Up,
} from "../../bus/contracts/editor-document.ts";
import type { Known } from "../../bus/contracts/editor-sync.ts";
import { hashText } from "../../bus/text-hash.ts";
import { DocumentModel } from "./document-model.ts";

/** How the text of this page stands to the authority's. */
export type SyncPhase = "loading" | "live" | "away" | "failed";

/** What a client has of a document. */
export type KnownText = v.InferOutput<typeof Known>;

/** An open attach stream, as lines. */
export interface SyncLink {
  readonly facts: Facts;
  readonly isResumed: boolean;
  readonly acknowledged: number;
  /** Ends when the link does; throws what broke it. */
  readonly lines: AsyncIterable<Down>;
  send(line: Up): void;
  /** `closed`: whoever waits for the view may go on; `left`: it comes back. */
  end(how: "closed" | "left"): void;
}

/** What a client needs from outside; tests pass their own. */
export interface SyncOptions {
  /** Never used before: the authority knows this client's edits by it. */
  readonly newClientId: () => string;
  /** Opens the document; `document` once its id is known. */
  readonly attach: (wish: {
    readonly client: string;
    readonly known: KnownText | undefined;
    readonly signal: AbortSignal;
  }) => Promise<SyncLink>;
  /** Waits before the next attempt, `long` after one that failed for a lasting reason; `reset` after one that worked. */
  readonly pause: { wait(): Promise<void>; long(): Promise<void>; reset(): void };
  /** Whether an attach that failed so may work later by itself. */
  readonly isPassing: (error: unknown) => boolean;
  readonly tell: SyncListener;
}

/** A push the authority did not take: the edits are still here and are tried again. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Positions in what it is told are those of `model.text` at that moment. */
export interface SyncListener {
  /** The first piece of the text is there, or a whole one that is no text: `facts.why`. */
  opened(facts: Facts): void;
  phase(phase: SyncPhase, error?: unknown): void;
  facts(facts: Facts): void;
  state(state: State): void;
  conflicts(conflicts: readonly Conflict[]): void;
  proposals(proposals: readonly Proposal[]): void;
  merged(changes: number, conflicts: number): void;
  counted(lines: number, bytes: number, isDone: boolean): void;
  /** The authority has every edit of this page. */
  acknowledged(): void;
  /** Edits that went out, and bytes of them or of their acknowledgement. */
  metered(edits: number, bytes: number): void;
  /** Undefined: pushes are taken again. */
  refused(refusal: Refusal | undefined): void;
}

export class SyncClient {
  /** Undefined until the first piece of text is there. */
  model: DocumentModel | undefined;
  /** Bytes of edits and their acknowledgements on the wire, and how many edits that were. */
  readonly meter = { edits: 0, bytes: 0 };
  readonly #options: SyncOptions;
  readonly #end = new AbortController();
  #clientId: string;
  #facts: Facts | undefined;
  #link: SyncLink | undefined;
  /** Own updates that were confirmed; the next pending one has the number after it. */
  #confirmedSeq = 0;
  /** Updates in the push under way; 0: none. */
  #inFlight = 0;
  #isLoaded = false;
  /** Lines of a snapshot that replaces what is there. */
  #snapshot: { text: Text; acknowledged: number } | undefined;
  #nudge = new AbortController();
  /** Version at which the text was known to be the disk's. */
  #cleanVersion: number | undefined;
  /** Nothing of the last push was taken, so what is pending has no numbers yet. */
  #isRefused = false;
  readonly #settling = new Set<() => void>();

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#clientId = options.newClientId();
  }

  get clientId(): string {
    return this.#clientId;
  }

  /** Number of the newest own edit; a save names it, so that everything typed before is in it. */
  get lastSeq(): number {
    return this.#confirmedSeq + (this.model?.pending.length ?? 0);
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Runs until `close`. */
  async run(): Promise<void> {
    const { isPassing, tell } = this.#options;
    while (!this.#end.signal.aborted) {
      let error: unknown;
      try {
        await this.#once();
      } catch (thrown) {
        error = thrown;
      }
      this.#drop();
      if (this.#end.signal.aborted) return;
      const isOver = error !== undefined && !isPassing(error);
      tell.phase(isOver ? "failed" : this.#isLoaded ? "away" : "loading", error);
      await this.#waitAfter(isOver ? "lasting" : "passing");
      if (this.#nudge.signal.aborted) this.#nudge = new AbortController();
    }
  }

  /** Attaches now instead of later. */
  retry(): void {
    this.#nudge.abort();
  }

  /** Pushes what is pending, if nothing is under way. Call after every own change of the model. */
  push(): void {
    const { model } = this;
    if (model === undefined || this.#link === undefined || !this.#isLoaded) return;
    if (this.#inFlight > 0 || this.#snapshot !== undefined) return;
    if (this.#isRefused) this.#foldRefused(model);
    if (model.pending.length === 0) return;
    const changes = pushable(model.pending);
    this.#inFlight = changes.length;
    const line: Up = {
      seq: this.#confirmedSeq + 1,
      base: model.version,
      length: model.confirmed.length,
      changes,
    };
    this.#count(changes.length, JSON.stringify(line).length + 1);
    this.#link.send(line);
  }

  #count(edits: number, bytes: number): void {
    this.meter.edits += edits;
    this.meter.bytes += bytes;
    this.#options.tell.metered(edits, bytes);
  }

  #foldRefused(model: DocumentModel): void {
    this.#isRefused = false;
    model.foldPending();
    if (model.pending.length > 0) return;
    this.#options.tell.refused(undefined);
    this.#tellAcknowledged();
  }

  /** Tries refused edits again. */
  pushAgain(): void {
    this.#options.tell.refused(undefined);
    this.push();
  }

  /** Resolves when the authority has every edit of this page: at once, or when they are acknowledged. */
  settled(): Promise<void> {
    if ((this.model?.pending.length ?? 0) === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settling.add(resolve));
  }

  /** The view is gone for good: whoever waits for it may go on. What is not acknowledged is lost. */
  close(): void {
    this.#link?.end("closed");
    this.#end.abort();
    this.#nudge.abort();
  }

  /** What was never opened waits for the person; a text that is here is brought back by itself. */
  async #waitAfter(failure: "lasting" | "passing"): Promise<void> {
    const { pause } = this.#options;
    const nudged = aborted(this.#nudge.signal);
    if (failure === "passing") await Promise.race([pause.wait(), nudged]);
    else if (this.#isLoaded) await Promise.race([pause.long(), nudged]);
    else await nudged;
  }

  async #once(): Promise<void> {
    const { attach, pause, tell } = this.#options;
    const link = await attach({
      client: this.#clientId,
      known: this.#known(),
      signal: this.#end.signal,
    });
    if (this.#end.signal.aborted) return link.end("closed");
    this.#link = link;
    pause.reset();
    this.#facts = link.facts;
    tell.facts(link.facts);
    this.#begin(link);
    for await (const line of link.lines) this.#take(line);
  }

  #known(): KnownText | undefined {
    if (this.model === undefined || this.#facts === undefined || !this.#isLoaded) return undefined;
    return {
      document: this.#facts.document,
      version: this.model.version,
      hash: hashOf(this.model.confirmed),
    };
  }

  #begin(link: SyncLink): void {
    const { tell } = this.#options;
    const hasNoText = link.facts.why !== null && NO_TEXT.has(link.facts.why.code);
    if (hasNoText) {
      tell.opened(link.facts);
      return tell.phase("live");
    }
    if (link.isResumed) {
      tell.phase("live");
      return this.push();
    }
    if (this.#isLoaded) this.#expectSnapshot(link.acknowledged);
    else this.model = undefined;
  }

  /** A person's edits up to `acknowledged` are in the text that comes. */
  #expectSnapshot(acknowledged: number): void {
    this.#snapshot = { text: Text.empty, acknowledged };
    this.#inFlight = 0;
  }

  #drop(): void {
    this.#link = undefined;
    this.#inFlight = 0;
    this.#snapshot = undefined;
  }

  #take(line: Down): void {
    const { tell } = this.#options;
    if ("text" in line) this.#takeText(line.text);
    else if ("loaded" in line) this.#takeLoaded(line.loaded.version);
    else if ("ack" in line) this.#takeAck(line.ack);
    else if ("changes" in line) this.#takeChanges(line.version, line.changes);
    else if ("check" in line) this.#takeCheck(line.check.version, line.check.hash);
    else if ("refused" in line) this.#takeRefusal(line.refused);
    else if ("reset" in line) {
      this.#facts = line.reset.facts;
      tell.facts(line.reset.facts);
      this.#expectSnapshot(line.reset.acknowledged);
    } else this.#pass(line);
  }

  /** What only the views show. */
  #pass(line: Exclude<Down, { text: string }>): void {
    const { tell } = this.#options;
    if ("state" in line) {
      this.#cleanVersion = line.state.isDirty ? undefined : this.model?.version;
      tell.state(line.state);
    } else if ("conflicts" in line) tell.conflicts(line.conflicts.map((one) => this.#moved(one)));
    else if ("proposals" in line) tell.proposals(line.proposals.map((one) => this.#moved(one)));
    else if ("merged" in line) tell.merged(line.merged.changes, line.merged.conflicts);
    else if ("counted" in line)
      tell.counted(line.counted.lines, line.counted.bytes, line.counted.isDone);
  }

  #takeText(piece: string): void {
    const text = Text.of(piece.split("\n"));
    if (this.#snapshot !== undefined) {
      this.#snapshot.text = this.#snapshot.text.append(text);
    } else if (this.model === undefined) {
      this.model = new DocumentModel(text, 0);
      if (this.#facts !== undefined) this.#options.tell.opened(this.#facts);
    } else this.model.append(text);
  }

  #takeLoaded(version: number): void {
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    if (snapshot !== undefined && this.model !== undefined)
      this.#takeSnapshot(this.model, snapshot, version);
    else this.#takeFirst(version);
    this.#isLoaded = true;
    this.#options.tell.phase("live");
    this.#tellAcknowledged();
    this.push();
  }

  #tellAcknowledged(): void {
    if (this.model?.pending.length !== 0) return;
    for (const settle of this.#settling) settle();
    this.#settling.clear();
    this.#options.tell.acknowledged();
  }

  #takeFirst(version: number): void {
    if (this.model === undefined) {
      this.model = new DocumentModel(Text.empty, version);
      if (this.#facts !== undefined) this.#options.tell.opened(this.#facts);
    } else this.model.reset(this.model.text, version, 0);
  }

  #takeSnapshot(
    model: DocumentModel,
    { text, acknowledged }: { text: Text; acknowledged: number },
    version: number,
  ): void {
    if (acknowledged < this.#confirmedSeq) return this.#takeForgotten(model, text, version);
    model.reset(text, version, acknowledged - this.#confirmedSeq);
    this.#confirmedSeq = acknowledged;
  }

  /**
   * The authority does not know this client any more. Unsaved edits are lost there: its journal could not be kept. This
   * page still has them, so they go in again, as one edit of a client it has not heard of. Of a text that was saved
   * nothing is lost: what differs is what became of the file since.
   */
  #takeForgotten(model: DocumentModel, text: Text, version: number): void {
    this.#clientId = this.#options.newClientId();
    this.#confirmedSeq = 0;
    if (this.#cleanVersion === model.version) model.reset(text, version, 0);
    else model.adopt(text, version);
    this.#cleanVersion = undefined;
    const link = this.#link;
    this.#link = undefined;
    link?.end("left");
  }

  #takeAck(seq: number): void {
    const count = seq - this.#confirmedSeq;
    if (count > 0) this.model?.confirm(count);
    this.#confirmedSeq = Math.max(this.#confirmedSeq, seq);
    this.#inFlight = Math.max(0, this.#inFlight - Math.max(0, count));
    this.#count(0, `{"ack":${seq}}\n`.length);
    if (this.#inFlight > 0) return;
    this.#options.tell.refused(undefined);
    this.#tellAcknowledged();
    this.push();
  }

  #takeChanges(version: number, updates: readonly RemoteUpdate[]): void {
    const { model } = this;
    if (model === undefined || this.#snapshot !== undefined) return;
    if (model.version !== version) return this.#resync();
    try {
      for (const { changes, by, origin } of updates) {
        const isOurs = by === this.#clientId;
        const staysClean = origin === "disk" && this.#cleanVersion === model.version;
        model.receive(ChangeSet.fromJSON(changes), isOurs ? "recorded" : "unrecorded");
        if (staysClean) this.#cleanVersion = model.version;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#resync();
    }
  }

  #takeCheck(version: number, hash: string): void {
    const { model } = this;
    if (model === undefined || model.version !== version) return;
    if (hashOf(model.confirmed) !== hash) this.#resync();
  }

  #resync(): void {
    this.#inFlight = 0;
    this.#link?.send({ resync: true });
  }

  #takeRefusal({ code, message }: Refusal): void {
    this.#inFlight = 0;
    if (code === EditorSyncCode.invalid) this.#isRefused = true;
    this.#options.tell.refused({ code, message });
  }

  /** From the authority's text to this page's, which is ahead by what is pending. */
  #moved<T extends { readonly from: number; readonly to: number }>(place: T): T {
    const pending = this.model?.pending ?? [];
    const from = pending.reduce((at, changes) => changes.mapPos(at, -1), place.from);
    const to = pending.reduce((at, changes) => changes.mapPos(at, 1), place.to);
    return { ...place, from, to };
  }
}

/** Longest push of more than one update, UTF-16 units of JSON: 3 bytes for each, and the line is within its bound. */
const PUSH_UNITS = Math.floor(LINE_BYTES_MAX / 3) - 1_000;

/** Reasons for which there is no text on the stream. */
const NO_TEXT: ReadonlySet<string> = new Set(["large", "long-line", "binary"]);

/** As many updates as one line holds, at least one. */
function pushable(pending: readonly ChangeSet[]): Changes[] {
  const list: Changes[] = [];
  let units = 0;
  for (const changes of pending.slice(0, PUSH_CHANGES_MAX)) {
    const json = changes.toJSON() as Changes;
    units += JSON.stringify(json).length;
    if (units > PUSH_UNITS && list.length > 0) break;
    list.push(json);
  }
  return list;
}

/** The hash both sides work out alike. */
export function hashOf(text: Text): string {
  return hashText(pieces(text));
}

function* pieces(text: Text): Iterable<string> {
  for (const piece of text.iter()) yield piece;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
