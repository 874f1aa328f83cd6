import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Arrived,
  HELD_BYTES_MAX,
  HELD_MS_MAX,
  HELD_SHOWN_MS,
  InputBuffer,
  NOTHING_HELD,
  UNACKED_BYTES_MAX,
  UNACKED_MS_MAX,
} from "../../../ui/state/input-buffer.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (pieces: readonly Uint8Array[]): string =>
  pieces.map((piece) => new TextDecoder().decode(piece)).join("");

describe("keys on their way", () => {
  it("are given out once and in order", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("l"), 0);
    buffer.push(bytes("s"), 1);
    expect(text(buffer.take())).toBe("ls");
    expect(buffer.take()).toEqual([]);
  });

  it("are given out again from the offset a new stream names", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("echo hello"), 0);
    buffer.take();
    buffer.resume(at(5), 0);
    expect(text(buffer.take())).toBe("hello");
  });

  it("are encoded anew while they wait, set aside or not, and not once they were given", () => {
    const buffer = new InputBuffer();
    const upper = (piece: Uint8Array): Uint8Array => bytes(text([piece]).toUpperCase());
    buffer.push(bytes("a"), 0);
    buffer.take();
    buffer.push(bytes("b"), 0);
    buffer.encodeAnew(upper);
    buffer.resume(at(0), 0);
    expect(text(buffer.take())).toBe("aB");
    buffer.push(bytes("c"), 0);
    buffer.expire(HELD_MS_MAX);
    buffer.encodeAnew(upper);
    buffer.sendAside(HELD_MS_MAX);
    expect(text(buffer.take())).toBe("C");
  });

  it("are forgotten when they are acknowledged, also in the middle of a piece", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("abc"), 0);
    buffer.push(bytes("def"), 0);
    buffer.take();
    buffer.acknowledge(4);
    expect(buffer.keptBytes).toBe(2);
    buffer.resume(at(4), 0);
    expect(text(buffer.take())).toBe("ef");
  });

  it("refuse an acknowledgement of what was never typed", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("a"), 0);
    buffer.take();
    expect(() => buffer.acknowledge(2)).toThrow("acknowledged 2, given 1");
  });

  it("are bounded", () => {
    const buffer = new InputBuffer();
    expect(buffer.push(new Uint8Array(UNACKED_BYTES_MAX), 0)).toBe(true);
    expect(buffer.push(bytes("x"), 0)).toBe(false);
  });

  it("show as held after 400 ms", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("ab"), 0);
    expect(buffer.standing(HELD_SHOWN_MS - 1).heldBytes).toBe(0);
    expect(buffer.standing(HELD_SHOWN_MS).heldBytes).toBe(2);
  });

  it("are set aside after 2 s away and never sent by themselves", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("rm -rf build\r"), 0);
    buffer.expire(HELD_MS_MAX - 1);
    expect(buffer.standing(HELD_MS_MAX - 1).asideKeys).toBe(0);
    buffer.expire(HELD_MS_MAX);
    expect(buffer.standing(HELD_MS_MAX)).toEqual({
      heldBytes: 0,
      asideKeys: 13,
      isAsideCertain: true,
    });
    buffer.resume(at(0), HELD_MS_MAX);
    expect(buffer.take()).toEqual([]);
  });

  it("are set aside also when nobody looked while the machine slept", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("reboot\r"), 0);
    buffer.resume(at(0), 3_600_000);
    expect(buffer.take()).toEqual([]);
    expect(buffer.standing(3_600_000).asideKeys).toBe(7);
  });

  it("are set aside beyond 4 KiB", () => {
    const buffer = new InputBuffer();
    buffer.push(new Uint8Array(HELD_BYTES_MAX), 0);
    buffer.expire(1);
    expect(buffer.standing(1).asideKeys).toBe(0);
    buffer.push(bytes("x"), 1);
    buffer.expire(1);
    expect(buffer.standing(1).asideKeys).toBe(HELD_BYTES_MAX + 1);
  });

  it("do not pass those that were set aside before them, until the terminal is back", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("rm -rf ./bu"), 0);
    buffer.expire(HELD_MS_MAX);
    buffer.push(bytes("ild\r"), HELD_MS_MAX);
    buffer.resume(at(0), HELD_MS_MAX + 1);
    expect(buffer.take()).toEqual([]);
    buffer.push(bytes("ls\r"), HELD_MS_MAX + 2);
    expect(text(buffer.take())).toBe("ls\r");
    buffer.sendAside(HELD_MS_MAX + 3);
    expect(text(buffer.take())).toBe("rm -rf ./build\r");
  });

  it("count as characters, a sequence or bracketed paste as one", () => {
    const buffer = new InputBuffer();
    for (const key of ["\u001b[A", "\u001b[200~much text\u001b[201~", "ä漢"])
      buffer.push(bytes(key), 0);
    buffer.expire(HELD_MS_MAX);
    expect(buffer.standing(HELD_MS_MAX).asideKeys).toBe(4);
  });

  it("that do not fit stay set aside when they are sent", () => {
    const buffer = new InputBuffer();
    buffer.push(new Uint8Array(UNACKED_BYTES_MAX).fill(65), 0);
    buffer.expire(HELD_MS_MAX);
    buffer.push(bytes("live"), HELD_MS_MAX);
    buffer.resume(at(0), HELD_MS_MAX);
    buffer.push(bytes("typed"), HELD_MS_MAX);
    buffer.sendAside(HELD_MS_MAX);
    expect(buffer.standing(HELD_MS_MAX).asideKeys).toBe(UNACKED_BYTES_MAX + 4);
    buffer.take();
    buffer.acknowledge(5);
    buffer.sendAside(HELD_MS_MAX);
    expect(buffer.standing(HELD_MS_MAX).asideKeys).toBe(4);
  });

  it("that are to be sent wait 10 s for the terminal, however many", () => {
    const buffer = new InputBuffer();
    buffer.push(new Uint8Array(HELD_BYTES_MAX * 2), 0);
    buffer.expire(0);
    buffer.sendAside(0);
    buffer.expire(UNACKED_MS_MAX - 1);
    expect(buffer.standing(UNACKED_MS_MAX - 1).asideKeys).toBe(0);
    buffer.expire(UNACKED_MS_MAX);
    expect(buffer.standing(UNACKED_MS_MAX).asideKeys).toBe(HELD_BYTES_MAX * 2);
  });

  it("that were set aside can be discarded", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("x"), 0);
    buffer.expire(HELD_MS_MAX);
    buffer.discardAside();
    buffer.sendAside(HELD_MS_MAX);
    expect(buffer.take()).toEqual([]);
    expect(buffer.standing(HELD_MS_MAX)).toEqual(NOTHING_HELD);
  });

  it("that follow discarded ones are held as the first were", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("rm"), 0);
    buffer.expire(HELD_MS_MAX);
    buffer.discardAside();
    buffer.push(bytes("ls\r"), HELD_MS_MAX);
    buffer.resume(at(0), HELD_MS_MAX + 1);
    expect(text(buffer.take())).toBe("ls\r");
  });

  it("of a shell that is over are nothing any more", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("given"), 0);
    buffer.take();
    buffer.push(bytes("waiting"), 0);
    buffer.clear();
    expect(buffer.keptBytes).toBe(0);
    expect(buffer.standing(20_000)).toEqual(NOTHING_HELD);
  });
});

describe("keys that were sent and not acknowledged", () => {
  const sent = (keys: string): InputBuffer => {
    const buffer = new InputBuffer();
    buffer.push(bytes(keys), 0);
    buffer.take();
    return buffer;
  };

  it("are not called unsent before the terminal has told what arrived", () => {
    const buffer = sent("ls\r");
    buffer.push(new Uint8Array(HELD_BYTES_MAX + 1), 1);
    buffer.expire(UNACKED_MS_MAX * 2);
    expect(buffer.standing(UNACKED_MS_MAX * 2).asideKeys).toBe(HELD_BYTES_MAX + 1);
    buffer.resume(at(3), UNACKED_MS_MAX * 2);
    buffer.sendAside(UNACKED_MS_MAX * 2);
    expect(text(buffer.take())).not.toContain("ls");
  });

  it("do not keep those behind them from being set aside after 2 s", () => {
    const buffer = sent("ls\r");
    buffer.push(bytes("reboot\r"), 1_000);
    buffer.expire(1_000 + HELD_MS_MAX);
    buffer.resume(at(3), 1_000 + HELD_MS_MAX);
    expect(buffer.take()).toEqual([]);
    expect(buffer.standing(1_000 + HELD_MS_MAX).asideKeys).toBe(7);
  });

  it("are sent again for 10 s, and set aside with all behind them after that", () => {
    const fresh = sent("ls\r");
    fresh.resume(at(1), UNACKED_MS_MAX - 1);
    expect(text(fresh.take())).toBe("s\r");
    const old = sent("ls\r");
    old.push(bytes("x"), UNACKED_MS_MAX - 1);
    old.resume(at(1), UNACKED_MS_MAX);
    expect(old.take()).toEqual([]);
    old.sendAside(UNACKED_MS_MAX);
    expect(text(old.take())).toBe("s\rx");
  });

  it("are no such keys while they wait in the terminal, however old", () => {
    const buffer = sent("ls\r");
    buffer.resume({ written: 1, received: 3 }, UNACKED_MS_MAX);
    // Given again, since the terminal counts from what was written, and dropped there as known.
    expect(text(buffer.take())).toBe("s\r");
    buffer.acknowledge(3);
    expect(buffer.standing(UNACKED_MS_MAX)).toEqual(NOTHING_HELD);
  });

  it("are given again where nobody knows what waits", () => {
    const buffer = sent("ls\r");
    buffer.resume({ written: 0, received: undefined }, UNACKED_MS_MAX);
    expect(text(buffer.take())).toBe("ls\r");
  });

  it("are offered as uncertain when the terminal has forgotten the writer", () => {
    const buffer = sent("ls\r");
    buffer.acknowledge(1);
    buffer.resume(at(0), 1);
    expect(buffer.standing(1)).toEqual({ heldBytes: 0, asideKeys: 2, isAsideCertain: false });
    buffer.push(bytes("pwd\r"), 1);
    expect(text(buffer.take())).toBe("pwd\r");
    buffer.acknowledge(4);
    buffer.discardAside();
    expect(buffer.standing(1)).toEqual(NOTHING_HELD);
  });
});

describe("whatever breaks (property)", () => {
  it("each key reaches the program once, or is called not sent and reaches it once when sent then", () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant("type" as const), size: fc.integer({ min: 1, max: 6 }) }),
      ...(["deliver", "write", "acknowledge"] as const).map((op) =>
        fc.record({ op: fc.constant(op), size: fc.integer({ min: 0, max: 20 }) }),
      ),
      fc.record({ op: fc.constant("wait" as const), size: fc.integer({ min: 0, max: 12_000 }) }),
      ...(["cut", "reconnect", "sendAside"] as const).map((op) =>
        fc.record({ op: fc.constant(op), size: fc.constant(0) }),
      ),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const run = new Run();
        for (const { op, size } of steps) run[op](size);
        run.settle();
        const early = [...run.read];
        // What came by itself came in the order it was typed in.
        if (!run.hasSentAside) expect(early).toEqual(early.toSorted((a, b) => a - b));
        expect(run.buffer.standing(run.nowMs).asideKeys).toBe(run.typed - early.length);
        run.sendAside();
        run.settle();
        expect(run.read.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: run.typed }, (_, n) => SPACE + n),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Each byte is a printable sign of its own, so that it counts as a key. */
const SPACE = 32;
const PRINTABLE = 95;

const at = (offset: number): Arrived => ({ written: offset, received: offset });

/** A terminal that counts the bytes of a writer, and a link that can break at any byte. */
class Run {
  readonly buffer = new InputBuffer();
  /** What the program has read. */
  readonly read: number[] = [];
  typed = 0;
  nowMs = 0;
  hasSentAside = false;
  #isLive = true;
  /** Received by the terminal in all; the tail beyond `read` waits to be written. */
  readonly #received: number[] = [];
  #wire: number[] = [];
  /** Offset of the first byte on the wire. */
  #wireAt = 0;
  #acknowledged = 0;

  type(size: number): void {
    if (this.typed + size > PRINTABLE) return;
    const piece = Uint8Array.from({ length: size }, (_, n) => SPACE + this.typed + n);
    if (this.buffer.push(piece, this.nowMs)) this.typed += size;
    this.#pump();
  }

  deliver(size: number): void {
    for (const byte of this.#wire.splice(0, size)) {
      if (this.#wireAt === this.#received.length) this.#received.push(byte);
      this.#wireAt += 1;
    }
  }

  write(size: number): void {
    this.read.push(...this.#received.slice(this.read.length, this.read.length + size));
  }

  acknowledge(size: number): void {
    if (!this.#isLive) return;
    this.#acknowledged = Math.min(this.#acknowledged + size, this.read.length);
    this.buffer.acknowledge(this.#acknowledged);
  }

  wait(ms: number): void {
    this.nowMs += ms;
    if (!this.#isLive) this.buffer.expire(this.nowMs);
  }

  cut(): void {
    this.#isLive = false;
    this.#wire = [];
  }

  reconnect(): void {
    this.#isLive = true;
    this.#acknowledged = this.read.length;
    this.#wire = [];
    this.#wireAt = this.read.length;
    const arrived = { written: this.read.length, received: this.#received.length };
    this.buffer.resume(arrived, this.nowMs);
    this.#pump();
  }

  sendAside(): void {
    if (this.buffer.standing(this.nowMs).asideKeys > 0) this.hasSentAside = true;
    this.buffer.sendAside(this.nowMs);
    this.#pump();
  }

  /** The link stands and everything on it gets where it goes. */
  settle(): void {
    if (!this.#isLive) this.reconnect();
    this.deliver(Number.MAX_SAFE_INTEGER);
    this.write(Number.MAX_SAFE_INTEGER);
    this.acknowledge(Number.MAX_SAFE_INTEGER);
  }

  #pump(): void {
    if (this.#isLive) for (const piece of this.buffer.take()) this.#wire.push(...piece);
  }
}
