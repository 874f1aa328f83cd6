/**
 * One client of a document, over its stream. What it misses is told from the document's history, so nothing is queued
 * for a slow one: it lags, and goes on when it has read, or gets a snapshot when the history does not reach back.
 *
 *   loading --snapshot sent--> following --too much waits--> lagging --drained--> following
 *                                  `-- resync, floor, refused push --> loading
 */
import * as v from "valibot";
import {
  CREDIT_STEP_BYTES,
  type Down,
  EditorSyncCode,
  type Facts,
  type Push,
  type State,
  Up,
} from "../../bus/contracts/editor-document.ts";
import { BusCode, isBusError } from "../../bus/errors.ts";
import type { Principal } from "../../bus/protocol.ts";
import type { Authority } from "./authority.ts";
import { LineReader } from "./line-reader.ts";
import { type LineStream, LineWriter } from "./line-writer.ts";
import type { Marks } from "./marks.ts";
import { updateLines } from "./update-lines.ts";

/** What a view shows. */
export interface ViewSource {
  readonly authority: Authority;
  readonly marks: Marks;
  state(): State;
  facts(principal: Principal | undefined): Facts;
}

/** A view that joins. */
export interface ViewPlan {
  readonly client: string;
  readonly principal: Principal | undefined;
  readonly stream: LineStream;
  /** Version it has already; undefined: none, it gets a snapshot. */
  readonly from: number | undefined;
  /** Takes a push. Throws what the client is refused with; `floor` asks for a snapshot. */
  readonly onPush: (push: Push) => "taken" | "floor";
  readonly onGone: (isClosed: boolean) => void;
}

/** Bytes that may wait for a view's credit before it lags. */
const WAITING_BYTES_MAX = 512 * 1024;
/** The first piece of a snapshot is one screen, the others are larger. */
const FIRST_UNITS = 16 * 1024;
const PIECE_UNITS = 128 * 1024;

type ResetWhy = Extract<Down, { reset: unknown }>["reset"]["why"];

export class View {
  readonly client: string;
  readonly principal: Principal | undefined;
  readonly #source: ViewSource;
  readonly #plan: ViewPlan;
  readonly #writer: LineWriter;
  /** Version up to which updates were sent. */
  #sent = 0;
  /** Until it has begun, nothing is told. */
  #isLoading = true;
  #isOver = false;
  /** A further reset was asked for while a snapshot was being sent. */
  #again: ResetWhy | undefined;
  #toldState = "";
  /** -1: nothing was told, not even that there are none. */
  #toldConflicts = -1;
  #toldProposals = -1;
  #ungranted = 0;

  constructor(source: ViewSource, plan: ViewPlan) {
    this.#source = source;
    this.#plan = plan;
    this.client = plan.client;
    this.principal = plan.principal;
    this.#writer = new LineWriter(plan.stream, () => this.pump());
  }

  /** Begins. Called once, after the stream was accepted. */
  start(): void {
    const { stream, from } = this.#plan;
    const reader = new LineReader((line) => this.#take(line));
    stream.onChunk((chunk) => this.#read(reader, chunk));
    const gone = () => this.#over(false);
    stream.done.then(gone, gone);
    if (from === undefined) void this.#load();
    else {
      this.#sent = from;
      this.#isLoading = false;
      this.pump();
    }
  }

  /** Version up to which it was told everything. */
  get version(): number {
    return this.#sent;
  }

  /** Sends what it has not been told yet, as far as it reads. */
  pump(): void {
    if (this.#isOver || this.#isLoading) return;
    if (this.#writer.waitingBytes > WAITING_BYTES_MAX) return;
    const { authority } = this.#source;
    if (this.#sent < authority.version) {
      const updates = authority.since(this.#sent);
      if (updates === undefined) {
        this.reset("behind");
        return;
      }
      for (const line of updateLines(this.client, this.#sent, updates)) {
        void this.#writer.write(line);
      }
      this.#sent = authority.version;
    }
    this.#tellState();
    this.#tellMarks();
  }

  /** Sends a line beside the text. */
  tell(line: Down): void {
    if (!this.#isOver && !this.#isLoading) void this.#writer.write(JSON.stringify(line));
  }

  /** Starts over with a snapshot. */
  reset(why: ResetWhy): void {
    if (this.#isOver) return;
    if (this.#isLoading) {
      this.#again = why;
      return;
    }
    const facts = this.#source.facts(this.principal);
    const acknowledged = this.#source.authority.acknowledged(this.client);
    void this.#writer.write(JSON.stringify({ reset: { why, facts, acknowledged } }));
    void this.#load();
  }

  /** The actor ends it: another one took its place, or the document goes. */
  end(code: string, message: string): void {
    this.#plan.stream.reset({ code, message });
    this.#over(false);
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    const { text, version } = this.#source.authority;
    const hash = this.#source.authority.hash();
    for (let from = 0; from < text.length && !this.#isOver; ) {
      const to = Math.min(text.length, from + (from === 0 ? FIRST_UNITS : PIECE_UNITS));
      await this.#writer.write(JSON.stringify({ text: text.sliceString(from, to) }));
      from = to;
    }
    void this.#writer.write(JSON.stringify({ loaded: { version, hash } }));
    this.#isLoading = false;
    this.#sent = version;
    this.#toldState = "";
    this.#toldConflicts = -1;
    this.#toldProposals = -1;
    const again = this.#again;
    this.#again = undefined;
    if (again === undefined) this.pump();
    else this.reset(again);
  }

  #tellState(): void {
    const state = JSON.stringify({ state: this.#source.state() });
    if (state === this.#toldState) return;
    this.#toldState = state;
    void this.#writer.write(state);
  }

  #tellMarks(): void {
    const { marks, authority } = this.#source;
    const { version } = authority;
    if (this.#toldConflicts !== marks.conflictNews) {
      this.#toldConflicts = marks.conflictNews;
      this.tell({ conflicts: [...marks.conflicts], version });
    }
    if (this.#toldProposals !== marks.proposalNews) {
      this.#toldProposals = marks.proposalNews;
      this.tell({ proposals: [...marks.proposals], version });
    }
  }

  #read(reader: LineReader, chunk: Uint8Array): void {
    try {
      reader.add(chunk);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.end(BusCode.invalid, `attach: ${message}`);
      return;
    }
    this.#ungranted += chunk.length;
    if (this.#ungranted < CREDIT_STEP_BYTES) return;
    this.#plan.stream.consumed(this.#ungranted);
    this.#ungranted = 0;
  }

  #take(line: string): void {
    if (this.#isOver) return;
    const up = v.parse(Up, JSON.parse(line));
    if ("bye" in up) {
      this.#plan.stream.end();
      this.#over(up.bye.isClosed);
    } else if ("resync" in up) this.reset("resync");
    else this.#push(up);
  }

  #push(push: Push): void {
    try {
      if (this.#plan.onPush(push) === "floor") this.reset("floor");
    } catch (error) {
      if (!isBusError(error)) throw error;
      const { code, message, data } = error;
      this.tell({ refused: { seq: push.seq, code, message, data: data ?? null } });
      const isAstray = code === EditorSyncCode.gap || code === EditorSyncCode.mismatch;
      if (isAstray) this.reset("refused");
    }
  }

  #over(isClosed: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#plan.onGone(isClosed);
  }
}
