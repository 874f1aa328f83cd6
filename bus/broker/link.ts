/**
 * The hub's end of one link: bytes in, frames out in order with their sequence, names before they are used.
 *
 *   hello-wait --hello--> up --closed, malformed frame, replaced--> over
 */
import { frameOfValue } from "../compose.ts";
import { BusCode, BusError, isBusError } from "../errors.ts";
import { Frame, malformed, NO_BYTES, viewOf } from "../frame.ts";
import { FrameDecoder } from "../frame-decoder.ts";
import { ANSWERS_BYTES_MAX } from "../limits.ts";
import { CONTROL_LANE, type Control, Kind, type WireError } from "../protocol.ts";
import type { Transport } from "../transport.ts";
import type { Member } from "./member.ts";

/** What a link tells the broker. */
export interface LinkOwner {
  /** A frame with the right sequence. May throw a BusError: the link is closed with it. */
  onFrame(link: PeerLink, frame: Frame): void;
  /** Something that is no BusError was thrown over a frame: a fault of the hub. The link is closed. */
  onFault(link: PeerLink, error: unknown): void;
  /** Before the frames of a chunk, and after them. */
  onBatch(edge: "start" | "end"): void;
  /** The transport takes bytes again. */
  onDrain(link: PeerLink): void;
  /** Once, after which nothing is sent any more. */
  onOver(link: PeerLink, reason: WireError): void;
  /** A frame is about to leave. */
  onSend(link: PeerLink, frame: Frame): void;
  /** Something waits in the outbox: flush soon. */
  onDirty(link: PeerLink): void;
  /** Name of an interned subject. */
  subjectName(id: number): string;
  /** Full name of a peer. */
  peerName(id: number): string;
}

interface Range {
  readonly bytes: Uint8Array;
  readonly start: number;
  end: number;
}

/** A chunk may hold so many bad frames that the answers to it alone go far over the bound. */
const ANSWERS_BYTES_HARD_MAX = 32 * ANSWERS_BYTES_MAX;

export class PeerLink {
  /** Who is at the other end; undefined until the hello for edge peers. */
  member: Member | undefined;
  /** Whether the hello has come. */
  greeted = false;
  /** Whether the transport asked for a pause. */
  congested = false;
  readonly #transport: Transport;
  readonly #owner: LinkOwner;
  readonly #decoder = new FrameDecoder();
  readonly #toldSubjects: boolean[] = [true];
  readonly #toldPeers: boolean[] = [true];
  #received: number;
  #sent = 0;
  #out: Range[] = [];
  #dirty = false;
  #blockers = 0;
  /** Bytes of the hub's own answers since the transport was last free. */
  #answerBytes = 0;
  /** Not read because of them. */
  #muted = false;
  #over = false;

  /** @param received frames that count as received: 1 when the hello was said by somebody else. */
  constructor(transport: Transport, owner: LinkOwner, received: number) {
    this.#transport = transport;
    this.#owner = owner;
    this.#received = received;
    transport.onData = (chunk) => this.#onData(chunk);
    transport.onDrain = () => {
      this.congested = false;
      if (this.#over) return;
      this.#answerBytes = 0;
      if (this.#muted) {
        this.#muted = false;
        this.unblock();
      }
      this.#owner.onDrain(this);
    };
    transport.onClose = (error) =>
      this.#finish({ code: BusCode.closed, message: error?.message ?? "the link ended" });
  }

  get over(): boolean {
    return this.#over;
  }

  /** Bytes the transport has not handed on yet. */
  get pendingBytes(): number {
    return this.#transport.pendingBytes;
  }

  /** Sends a frame now, whatever the congestion: mailboxes are the caller's business. */
  send(frame: Frame): void {
    if (this.#over) return;
    if (frame.source !== 0 && this.#toldPeers[frame.source] !== true) this.#tellPeer(frame.source);
    if (frame.name !== 0 && this.#toldSubjects[frame.name] !== true) this.tellSubject(frame.name);
    this.#sent = (this.#sent + 1) >>> 0;
    frame.stampSequence(this.#sent);
    this.#owner.onSend(this, frame);
    this.#append(frame);
  }

  /** Sends a frame of the hub itself with a value. */
  sendValue(
    fields: { kind: Kind; correlation?: number; source?: number; flags?: number },
    value: unknown,
  ): void {
    const [head, ...tail] = frameOfValue({ ...fields, codecLane: CONTROL_LANE }, NO_BYTES, value);
    if (head === undefined) return;
    const frame = new Frame(viewOf(head), head, 0, tail);
    this.#answerBytes += frame.length;
    this.send(frame);
  }

  sendControl(control: Control): void {
    this.sendValue({ kind: Kind.control }, control);
  }

  /** Tells the peer the id of a subject, once. */
  tellSubject(id: number): void {
    if (this.#toldSubjects[id] === true) return;
    this.#toldSubjects[id] = true;
    this.sendControl({ op: "names", names: [[id, this.#owner.subjectName(id)]] });
  }

  /** Hands what has gathered to the transport. */
  flush(): void {
    this.#dirty = false;
    if (this.#out.length === 0) return;
    const slices = this.#out.map((range) => range.bytes.subarray(range.start, range.end));
    this.#out = [];
    if (this.#transport.write(slices)) {
      this.#answerBytes = 0;
      return;
    }
    this.congested = true;
    if (this.#muted || this.#answerBytes <= ANSWERS_BYTES_MAX || this.member?.kind === "hub")
      return;
    this.#muted = true;
    this.block();
  }

  /** Stops reading until `unblock` was called as often. */
  block(): void {
    this.#blockers++;
    if (this.#blockers === 1) this.#transport.pause();
  }

  unblock(): void {
    this.#blockers--;
    if (this.#blockers === 0) this.#transport.resume();
  }

  /** Says go-away, flushes and ends. Idempotent. */
  close(reason: WireError): void {
    if (this.#over) return;
    this.#sayGoodbye(reason);
    this.flush();
    this.#finish(reason);
    this.#transport.close();
  }

  #onData(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#owner.onBatch("start");
    try {
      this.#decoder.push(chunk, this.#onFrame);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#owner.onBatch("end");
    }
  }

  /** One peer's frame must never cost the others their hub. */
  #fail(error: unknown): void {
    if (isBusError(error)) {
      this.close(protocolReason(error));
      return;
    }
    this.#owner.onFault(this, error);
    this.close({
      code: BusCode.internal,
      message: "the hub failed to handle a frame of this link",
    });
  }

  #sayGoodbye(reason: WireError): void {
    const { code, message } = reason;
    try {
      this.sendValue({ kind: Kind.goAway }, reason);
    } catch {
      // What it sent cannot always be sent back.
      this.sendValue({ kind: Kind.goAway }, { code, message });
    }
  }

  readonly #onFrame = (frame: Frame): void => {
    if (this.#over) return;
    this.#received = (this.#received + 1) >>> 0;
    if (frame.sequence !== this.#received) {
      throw malformed(`sequence ${frame.sequence}, expected ${this.#received}`, frame.sequence);
    }
    if (frame.source !== 0 && frame.source !== this.member?.id) {
      throw malformed(`source ${frame.source} is not yours: send 0`, frame.source);
    }
    if (this.#answerBytes > ANSWERS_BYTES_HARD_MAX && this.member?.kind !== "hub") {
      const message = `${this.#answerBytes} bytes of answers wait to be read, at most ${ANSWERS_BYTES_HARD_MAX}`;
      throw new BusError(BusCode.limit, message);
    }
    this.#owner.onFrame(this, frame);
  };

  #append(frame: Frame): void {
    if (frame.whole) {
      const last = this.#out.at(-1);
      const end = frame.at + frame.length;
      if (last !== undefined && last.bytes === frame.head && last.end === frame.at) last.end = end;
      else this.#out.push({ bytes: frame.head, start: frame.at, end });
    } else {
      for (const bytes of frame.slices()) this.#out.push({ bytes, start: 0, end: bytes.length });
    }
    if (this.#dirty) return;
    this.#dirty = true;
    this.#owner.onDirty(this);
  }

  #tellPeer(id: number): void {
    this.#toldPeers[id] = true;
    this.sendControl({ op: "names", names: [], peers: [[id, this.#owner.peerName(id)]] });
  }

  #finish(reason: WireError): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.onOver(this, reason);
  }
}

/** What the offender is told: its own mistakes are protocol errors. */
function protocolReason(error: BusError): WireError {
  if (error.code === BusCode.invalid) return { ...error.toWire(), code: BusCode.protocol };
  return error.toWire();
}
