/** A view of a document as the page has one: the stream of the contract with CodeMirror's collab behind it. */
import { Text } from "@codemirror/state";
import {
  CREDIT_STEP_BYTES,
  type Down,
  type Facts,
  type State,
} from "../../../bus/contracts/editor-document.ts";
import { attach } from "../../../bus/contracts/editor-sync.ts";
import type { BusStream, Peer } from "../../../bus/peer.ts";
import { CollabClient } from "./collab-client.ts";

type Line = Record<string, unknown>;

export interface ViewInput {
  readonly path?: string;
  readonly document?: string;
  readonly client: string;
}

/** A view that goes on over one or more streams. */
export class PageView {
  readonly client: string;
  facts: Facts;
  collab: CollabClient | undefined;
  state: State;
  isResumed = false;
  /** Every line but pieces of text, as they came. */
  readonly lines: Line[] = [];
  /** Bytes of lines sent and received since they were last set to 0. */
  bytes = { up: 0, down: 0 };
  #stream: BusStream<unknown>;
  #pieces: string[] = [];
  #rest = "";
  #inFlight = false;
  #ungranted = 0;
  #acknowledged = 0;
  readonly #decoder = new TextDecoder();
  readonly #waiting = new Set<() => void>();
  failure: unknown;

  private constructor(client: string, stream: BusStream<{ facts: Facts }>) {
    this.client = client;
    this.#stream = stream;
    this.facts = stream.accepted.facts;
    this.state = this.facts.state;
  }

  static async open(peer: Peer, input: ViewInput): Promise<PageView> {
    const stream = await peer.open(attach, input);
    const view = new PageView(input.client, stream);
    view.#follow(stream);
    await view.until(() => view.collab !== undefined || view.facts.length === 0, "a snapshot");
    view.collab ??= new CollabClient(input.client, Text.empty, view.facts.version);
    return view;
  }

  /** Attaches again with what it has, as after a broken link. */
  async resume(peer: Peer): Promise<void> {
    const { document } = this.facts;
    const known = { document, ...this.#ours.known };
    const path = this.state.path;
    const stream = await peer.open(attach, { path, client: this.client, known });
    this.isResumed = stream.accepted.isResumed;
    this.#stream = stream;
    this.#rest = "";
    this.#inFlight = false;
    this.facts = stream.accepted.facts;
    this.#acknowledged = stream.accepted.acknowledged;
    this.#follow(stream);
    if (this.isResumed) this.#push();
  }

  get text(): string {
    return this.#ours.text;
  }

  /** Edits and sends. */
  edit(from: number, to: number, insert: string): void {
    this.#ours.edit(from, to, insert);
    this.#push();
  }

  /** Waits until every edit is acknowledged. */
  acknowledged(): Promise<void> {
    return this.until(() => this.#ours.unconfirmed === 0, "acknowledged");
  }

  until(isSo: () => boolean, words: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`in vain: ${words}; last lines ${JSON.stringify(this.lines.slice(-4))}`));
      }, 30_000);
      const look = () => {
        if (!isSo()) return;
        clearTimeout(late);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  close(isClosed: boolean): void {
    void this.#stream.write(new TextEncoder().encode(`${JSON.stringify({ bye: { isClosed } })}\n`));
    this.#stream.end();
  }

  get #ours(): CollabClient {
    if (this.collab === undefined) throw new Error("no text yet");
    return this.collab;
  }

  #push(): void {
    if (this.#inFlight) return;
    const push = this.#ours.push();
    if (push === undefined) return;
    this.#inFlight = true;
    const bytes = new TextEncoder().encode(`${JSON.stringify(push)}\n`);
    this.bytes.up += bytes.length;
    this.#stream.write(bytes).catch(() => undefined);
  }

  #follow(stream: BusStream<unknown>): void {
    stream.done.catch((error: unknown) => {
      this.failure = error;
    });
    stream.onChunk((chunk) => {
      this.bytes.down += chunk.length;
      this.#ungranted += chunk.length;
      if (this.#ungranted >= CREDIT_STEP_BYTES) {
        stream.consumed(this.#ungranted);
        this.#ungranted = 0;
      }
      this.#rest += this.#decoder.decode(chunk, { stream: true });
      const lines = this.#rest.split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#take(JSON.parse(line) as Down);
      for (const look of [...this.#waiting]) look();
    });
  }

  #take(line: Down): void {
    if ("text" in line) {
      this.#pieces.push(line.text);
      return;
    }
    this.lines.push(line as Line);
    if ("loaded" in line) {
      const text = Text.of(this.#pieces.join("").split("\n"));
      this.#pieces = [];
      if (this.collab === undefined) {
        this.collab = new CollabClient(this.client, text, line.loaded.version);
      } else this.collab.reset(text, line.loaded.version, this.#acknowledged);
      this.#inFlight = false;
      this.#push();
    } else if ("reset" in line) {
      this.facts = line.reset.facts;
      this.#acknowledged = line.reset.acknowledged;
    } else if ("state" in line) this.state = line.state;
    else if ("ack" in line || "changes" in line) {
      this.#ours.take(line);
      if (!("ack" in line)) return;
      this.#inFlight = false;
      this.#push();
    }
  }
}
