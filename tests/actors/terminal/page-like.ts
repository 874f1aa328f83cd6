/** The two streams of a page that lives on while the actor dies: what it shows, and what is typed. */
import { expect } from "vitest";
import * as terminal from "../../../bus/contracts/terminal.ts";
import type { BusStream, Peer } from "../../../bus/peer.ts";

/** A busy machine may need as long to start the actor again, milliseconds. */
const ATTACH_MS = 60_000;

/** What a page is told when the terminal's process or its keeper dies under it; it attaches again. */
const AWAY: readonly string[] = ["bus/down", "bus/closed", "terminal/keeper-away"];

/** A view that goes on from its offset whenever its stream breaks, as the page does. */
export class Follower {
  text = "";
  next = 0;
  gaps = 0;
  behind = 0;
  last: unknown;
  readonly #peer: Peer;
  readonly #session: string;
  readonly #decoder = new TextDecoder();

  constructor(peer: Peer, session: string) {
    this.#peer = peer;
    this.#session = session;
  }

  /** Resolves when the session has ended or is gone, or the page is closed. */
  async follow(): Promise<void> {
    let isClosed = false;
    void this.#peer.closed.then(() => {
      isClosed = true;
    });
    while (!isClosed) {
      try {
        const stream = await this.#attach();
        this.last = await stream.done;
        return;
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === "terminal/no-such-session") return;
        if (code === "terminal/view-behind") this.behind++;
        else if (!AWAY.includes(code ?? "")) throw error;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  async #attach(): Promise<BusStream<unknown>> {
    const stream = await this.#peer.open(
      terminal.attach,
      { session: this.#session, from: this.next, cols: 80, rows: 24, visible: true },
      { windowBytes: 128 * 1024, timeoutMs: ATTACH_MS },
    );
    stream.end();
    const { offset, gapBytes, restoreBytes } = stream.accepted;
    expect(restoreBytes).toBe(0);
    expect(offset).toBe(this.next + gapBytes);
    this.gaps += gapBytes;
    this.next = offset;
    stream.onChunk((chunk) => {
      this.text += this.#decoder.decode(chunk, { stream: true });
      this.next += chunk.length;
      stream.consumed(chunk.length);
    });
    return stream;
  }
}

/** Keeps what was not acknowledged and sends it again from the accepted offset, as the page does. */
export class Typist {
  #sent = 0;
  #unacknowledged = new Uint8Array(0);
  #stream: BusStream<{ offset: number }> | undefined;
  readonly #peer: Peer;
  readonly #session: string;

  constructor(peer: Peer, session: string) {
    this.#peer = peer;
    this.#session = session;
    void this.#connect();
  }

  type(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#unacknowledged = Buffer.concat([this.#unacknowledged, bytes]);
    this.#stream?.write(bytes).catch(() => undefined);
  }

  async #connect(): Promise<void> {
    for (;;) {
      try {
        const input = { session: this.#session, writer: "w" };
        const stream = await this.#peer.open(terminal.input, input, {
          lane: "control",
          timeoutMs: ATTACH_MS,
        });
        const { offset } = stream.accepted;
        this.#unacknowledged = this.#unacknowledged.subarray(offset - this.#sent);
        this.#sent = offset;
        stream.onAcknowledged = () => {
          const total = offset + stream.acknowledgedBytes;
          this.#unacknowledged = this.#unacknowledged.subarray(total - this.#sent);
          this.#sent = total;
        };
        this.#stream = stream;
        if (this.#unacknowledged.length > 0)
          stream.write(this.#unacknowledged.slice()).catch(() => undefined);
        await stream.done;
        return;
      } catch (error) {
        this.#stream = undefined;
        if ((error as { code?: string }).code !== "bus/down") return;
      }
    }
  }
}
