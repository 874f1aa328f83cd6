/** Streams that go on beyond 4 GiB: the header's position wraps, the counts do not. */
import { describe, expect, test } from "vitest";
import type { ClientLink } from "../../bus/client/link.ts";
import { StreamEnd } from "../../bus/client/stream.ts";
import { DATA_BYTES_MAX } from "../../bus/limits.ts";
import { Kind } from "../../bus/protocol.ts";

const FOUR_GIB = 2 ** 32;
const PIECE = new Uint8Array(DATA_BYTES_MAX);

interface Sent {
  readonly kind: number;
  readonly position?: number;
}

/** A stream whose frames go nowhere but to the last ones noted. */
function lonely(credit: number) {
  const frames: Sent[] = [];
  const note = (fields: Sent): void => {
    frames.push(fields);
    if (frames.length > 4) frames.shift();
  };
  const link = { over: undefined, sendBytes: note, sendValue: note } as unknown as ClientLink;
  const address = { correlation: 1, destination: 0, epoch: 0, flags: 1, lane: 0 };
  return { stream: new StreamEnd(link, address, { credit, granted: 0 }, () => undefined), frames };
}

describe("a stream beyond 4 GiB", () => {
  test("sends positions modulo 2^32 and counts what was acknowledged without end", async () => {
    const { stream, frames } = lonely(PIECE.length);
    for (let sent = 0; sent < FOUR_GIB; sent += PIECE.length) {
      await stream.write(PIECE);
      stream.grant(PIECE.length, "later");
    }
    expect(frames.at(-1)).toMatchObject({
      kind: Kind.data,
      position: FOUR_GIB - PIECE.length,
    });
    await stream.write(PIECE.subarray(0, 5));
    await stream.write(PIECE.subarray(0, 7));
    expect(frames.slice(-2).map(({ position }) => position)).toEqual([0, 5]);
    expect(stream.acknowledgedBytes).toBe(FOUR_GIB);
    expect(stream.creditBytes).toBe(PIECE.length - 12);
  });

  test("takes positions modulo 2^32 and still finds a hole", () => {
    const { stream } = lonely(0);
    let bytes = 0;
    stream.onChunk((chunk) => {
      bytes += chunk.length;
    });
    while (bytes < FOUR_GIB - PIECE.length) stream.receive(PIECE, bytes);
    stream.receive(PIECE.subarray(1), bytes);
    stream.receive(PIECE.subarray(0, 3), FOUR_GIB - 1);
    stream.receive(PIECE.subarray(0, 4), 2);
    expect(bytes).toBe(FOUR_GIB + 6);
    expect(() => stream.receive(PIECE, 7)).toThrow("data at position 7, expected 6");
  });
});
