import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  HELD_BYTES_MAX,
  HELD_MS_MAX,
  HELD_SHOWN_MS,
  InputBuffer,
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
    buffer.resume(5);
    expect(text(buffer.take())).toBe("hello");
  });

  it("are forgotten when they are acknowledged, also in the middle of a piece", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("abc"), 0);
    buffer.push(bytes("def"), 0);
    buffer.take();
    buffer.acknowledge(4);
    expect(buffer.keptBytes).toBe(2);
    buffer.resume(4);
    expect(text(buffer.take())).toBe("ef");
  });

  it("refuse an acknowledgement of what was never typed", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("a"), 0);
    expect(() => buffer.acknowledge(2)).toThrow("acknowledged 2, typed 1");
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
    expect(buffer.expire(HELD_MS_MAX - 1)).toBe(false);
    expect(buffer.expire(HELD_MS_MAX)).toBe(true);
    expect(buffer.take()).toEqual([]);
    expect(buffer.standing(HELD_MS_MAX)).toEqual({ heldBytes: 0, asideKeys: 1 });
  });

  it("are set aside beyond 4 KiB", () => {
    const buffer = new InputBuffer();
    buffer.push(new Uint8Array(HELD_BYTES_MAX), 0);
    expect(buffer.expire(1)).toBe(false);
    buffer.push(bytes("x"), 1);
    expect(buffer.expire(1)).toBe(true);
  });

  it("that were sent already may be sent again for 10 s", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("ls\r"), 0);
    buffer.take();
    expect(buffer.expire(UNACKED_MS_MAX - 1)).toBe(false);
    expect(buffer.expire(UNACKED_MS_MAX)).toBe(true);
  });

  it("that were set aside go when the person says so, or are discarded", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("ls\r"), 0);
    buffer.expire(HELD_MS_MAX);
    buffer.sendAside(5_000);
    expect(text(buffer.take())).toBe("ls\r");
    buffer.push(bytes("x"), 6_000);
    buffer.resume(0);
    buffer.expire(20_000);
    buffer.discardAside();
    expect(buffer.standing(20_000).asideKeys).toBe(0);
  });

  it("reach the terminal once and in order whatever breaks (property)", () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant("type" as const), size: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ op: fc.constant("deliver" as const), size: fc.integer({ min: 0, max: 60 }) }),
      fc.record({ op: fc.constant("acknowledge" as const), size: fc.integer({ min: 0, max: 60 }) }),
      fc.record({ op: fc.constant("reconnect" as const), size: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const run = new Run();
        for (const { op, size } of steps) run[op](size);
        run.reconnect();
        run.deliver(Number.MAX_SAFE_INTEGER);
        expect(run.arrived).toEqual(run.typed);
      }),
    );
  });
});

/** A terminal that counts bytes per writer and a link that can break at any byte. */
class Run {
  readonly buffer = new InputBuffer();
  readonly typed: number[] = [];
  readonly arrived: number[] = [];
  #acknowledged = 0;
  #wire: number[] = [];

  type(size: number): void {
    const piece = Uint8Array.from({ length: size }, (_, at) => (this.typed.length + at) % 251);
    if (!this.buffer.push(piece, 0)) return;
    this.typed.push(...piece);
    this.#pump();
  }

  deliver(size: number): void {
    this.arrived.push(...this.#wire.splice(0, size));
  }

  acknowledge(size: number): void {
    this.#acknowledged = Math.min(this.#acknowledged + size, this.arrived.length);
    this.buffer.acknowledge(this.#acknowledged);
  }

  reconnect(): void {
    this.#wire = [];
    this.#acknowledged = this.arrived.length;
    this.buffer.resume(this.arrived.length);
    this.#pump();
  }

  #pump(): void {
    for (const piece of this.buffer.take()) this.#wire.push(...piece);
  }
}
