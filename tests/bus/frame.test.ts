import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readExtension, withoutEntry, writeExtension } from "../../bus/extension.ts";
import { composeFrame, type Frame, type HeaderFields, makeFrame, viewOf } from "../../bus/frame.ts";
import { FrameDecoder } from "../../bus/frame-decoder.ts";
import { DATA_BYTES_MAX, EXTENSION_BYTES_MAX, FRAME_BYTES_MAX } from "../../bus/limits.ts";
import { HEADER_BYTES, Kind, Offset } from "../../bus/protocol.ts";
import { type WireVector, wireVectors } from "./wire-vectors.ts";

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const anyFields: fc.Arbitrary<HeaderFields> = fc.record({
  kind: fc.constantFrom(...Object.values(Kind)),
  flags: fc.integer({ min: 0, max: 255 }),
  codecLane: fc.constantFrom(0, 1, 2, 16, 17),
  source: u32,
  destination: u32,
  correlation: u32,
  sequence: u32,
  name: u32,
  deadlineMs: u32,
  position: u32,
  epoch: u16,
});
const anyFrame = fc.record({
  fields: anyFields,
  extension: fc.uint8Array({ maxLength: 60 }),
  payload: fc.uint8Array({ maxLength: 300 }),
});

interface Read {
  readonly fields: HeaderFields;
  readonly extension: number[];
  readonly payload: number[];
}

function readAll(chunks: readonly Uint8Array[]): Read[] {
  const decoder = new FrameDecoder();
  const read: Read[] = [];
  for (const chunk of chunks) decoder.push(chunk, (frame) => read.push(readOne(frame)));
  expect(decoder.state).toBe("between");
  return read;
}

function readOne(frame: Frame): Read {
  const {
    kind,
    flags,
    codecLane,
    source,
    destination,
    correlation,
    sequence,
    name,
    deadlineMs,
    position,
    epoch,
  } = frame;
  const start = frame.at + HEADER_BYTES;
  return {
    fields: {
      kind,
      flags,
      codecLane,
      source,
      destination,
      correlation,
      sequence,
      name,
      deadlineMs,
      position,
      epoch,
    },
    extension: [...frame.head.subarray(start, start + frame.extensionBytes)],
    payload: [...frame.payload()],
  };
}

function bytesOf(frame: {
  fields: HeaderFields;
  extension: Uint8Array;
  payload: Uint8Array;
}): Uint8Array {
  return Buffer.concat(composeFrame(frame.fields, frame.extension, [frame.payload]));
}

describe("frames", () => {
  test("every header field, extension and payload survives the wire at every split point", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 3 }), (frames) => {
        const bytes = Buffer.concat(frames.map(bytesOf));
        const expected = frames.map(({ fields, extension, payload }) => ({
          fields,
          extension: [...extension],
          payload: [...payload],
        }));
        for (let split = 0; split <= bytes.length; split++) {
          expect(readAll([bytes.subarray(0, split), bytes.subarray(split)])).toEqual(expected);
        }
      }),
      { numRuns: 12 },
    );
  });

  test("any slicing into chunks gives the same frames, also one byte at a time", () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }),
        (frames, sizes) => {
          const bytes = Buffer.concat(frames.map(bytesOf));
          const chunks: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(new Uint8Array(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(readAll(chunks)).toEqual(readAll([bytes]));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("a large payload that arrives in pieces is kept as those pieces, not copied together", () => {
    const payload = new Uint8Array(200_000).map((_, index) => index);
    const bytes = Buffer.concat(composeFrame({ kind: Kind.reply }, new Uint8Array(0), [payload]));
    const decoder = new FrameDecoder();
    const frames: Frame[] = [];
    for (let at = 0; at < bytes.length; at += 65_536)
      decoder.push(new Uint8Array(bytes.subarray(at, at + 65_536)), (frame) => frames.push(frame));
    expect(frames[0]?.tail.length).toBe(4);
    expect(frames[0]?.payload()).toEqual(payload);
    expect(Buffer.concat(frames[0]?.slices() ?? [])).toEqual(bytes);
  });

  test("a payload that trickles in byte by byte is gathered in blocks", () => {
    const bytes = Buffer.concat(
      composeFrame({ kind: Kind.reply }, new Uint8Array(0), [new Uint8Array(10_000).fill(7)]),
    );
    const decoder = new FrameDecoder();
    const frames: Frame[] = [];
    for (const byte of bytes) decoder.push(Uint8Array.of(byte), (frame) => frames.push(frame));
    expect(frames[0]?.tail.length).toBe(1);
    expect(frames[0]?.payload()).toEqual(new Uint8Array(10_000).fill(7));
  });
});

describe("malformed frames", () => {
  const cases: ReadonlyArray<{
    what: string;
    change: (bytes: Uint8Array) => void;
    code: string;
    text: string;
  }> = [
    {
      what: "a length below the header",
      change: (b) => viewOf(b).setUint32(Offset.length, 39, true),
      code: "bus/protocol",
      text: "frame length 39 is not within 40 to 16777216",
    },
    {
      what: "a length over the cap",
      change: (b) => viewOf(b).setUint32(Offset.length, FRAME_BYTES_MAX + 1, true),
      code: "bus/protocol",
      text: "frame length 16777217",
    },
    {
      what: "another version",
      change: (b) => (b[Offset.version] = 2),
      code: "bus/version",
      text: "protocol version 2",
    },
    {
      what: "kind 0",
      change: (b) => (b[Offset.kind] = 0),
      code: "bus/protocol",
      text: "unknown kind 0",
    },
    {
      what: "kind 21",
      change: (b) => (b[Offset.kind] = 21),
      code: "bus/protocol",
      text: "unknown kind 21",
    },
    {
      what: "an extension over its bound",
      change: (b) => viewOf(b).setUint16(Offset.extensionBytes, EXTENSION_BYTES_MAX + 1, true),
      code: "bus/protocol",
      text: "extension of 1025 bytes",
    },
    {
      what: "an extension longer than the frame",
      change: (b) => viewOf(b).setUint16(Offset.extensionBytes, 100, true),
      code: "bus/protocol",
      text: "extension of 100 bytes in a frame of 50",
    },
  ];
  for (const { what, change, code, text } of cases) {
    test(`${what} is refused by value, whole or split`, () => {
      const bytes = Buffer.concat(
        composeFrame({ kind: Kind.request }, new Uint8Array(0), [new Uint8Array(10)]),
      );
      change(bytes);
      for (const cut of [0, 1, 39, bytes.length]) {
        const decoder = new FrameDecoder();
        const push = (): void => {
          decoder.push(bytes.subarray(0, cut), () => {});
          decoder.push(bytes.subarray(cut), () => {});
        };
        expect(push).toThrow(
          expect.objectContaining({ code, message: expect.stringContaining(text) }),
        );
      }
    });
  }

  test("a data frame over 64 KiB is refused", () => {
    const bytes = Buffer.concat(
      composeFrame({ kind: Kind.data }, new Uint8Array(0), [new Uint8Array(DATA_BYTES_MAX + 1)]),
    );
    expect(() => new FrameDecoder().push(bytes, () => {})).toThrow(
      "data of 65537 bytes, at most 65536",
    );
  });

  test("the cap is checked on the length field before anything of the frame is buffered", () => {
    const head = new Uint8Array(HEADER_BYTES);
    viewOf(head).setUint32(0, 0xffff_ffff, true);
    head[Offset.version] = 1;
    head[Offset.kind] = Kind.request;
    expect(() => new FrameDecoder().push(head, () => {})).toThrow("frame length 4294967295");
  });

  test("a frame too long to send is refused where it is made", () => {
    const payload = new Uint8Array(FRAME_BYTES_MAX);
    expect(() => composeFrame({ kind: Kind.reply }, new Uint8Array(0), [payload])).toThrow(
      "at most 16777216",
    );
  });

  test("random bytes never do anything but throw a bus error or wait for more", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          new FrameDecoder().push(bytes, () => {});
        } catch (error) {
          expect(error).toMatchObject({ name: "BusError" });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("extensions", () => {
  test("entries are read as they were written, unknown ones are skipped", () => {
    const fields = {
      trace: new Uint8Array(24).fill(9),
      subject: "a.b",
      principal: "agent",
      hops: 4,
    };
    const bytes = Uint8Array.of(200, 2, 1, 2, ...writeExtension(fields));
    expect(readExtension(bytes, 0, bytes.length)).toEqual(fields);
  });

  test("a cut entry and a trace of wrong length are protocol errors", () => {
    expect(() => readExtension(Uint8Array.of(2, 5, 1), 0, 3)).toThrow(
      "extension entry 2 is cut off",
    );
    expect(() => readExtension(Uint8Array.of(1, 1, 1), 0, 3)).toThrow("trace of 1 bytes, not 24");
  });

  test("an entry over 255 bytes is refused where it is written", () => {
    expect(() => writeExtension({ subject: "x".repeat(256) })).toThrow("256 bytes, at most 255");
  });

  test("one type can be left out and the rest stays", () => {
    const bytes = writeExtension({
      trace: new Uint8Array(24),
      subject: "a.b",
      principal: "person",
    });
    const rest = withoutEntry(bytes, { start: 0, end: bytes.length }, 3);
    expect(readExtension(rest, 0, rest.length)).toEqual({
      trace: new Uint8Array(24),
      subject: "a.b",
    });
  });
});

describe("wire vectors", () => {
  const path = new URL("../fixtures/wire-vectors.json", import.meta.url);
  const stored = JSON.parse(readFileSync(path, "utf8")) as WireVector[];

  test("the file is what this implementation makes", () => {
    expect(wireVectors()).toEqual(stored);
  });

  test.each(stored)("$name is read back", (vector) => {
    const [read] = readAll([Buffer.from(vector.hex, "hex")]);
    const { length, extensionBytes, ...fields } = vector.header;
    expect(read?.fields).toEqual(fields);
    expect(read?.extension.length).toBe(extensionBytes);
    expect(Buffer.from(read?.payload ?? []).toString("hex")).toBe(vector.payloadHex);
    expect(vector.hex.length / 2).toBe(length);
  });
});

test("what is stamped on a frame is in its bytes", () => {
  const frame = makeFrame({ kind: Kind.request, codecLane: 16 }, new Uint8Array(0), [
    Uint8Array.of(1),
  ]);
  frame.stamp(1, 2, 3);
  frame.stampName(4);
  frame.stampFlags(5);
  frame.stampSequence(6);
  frame.stampDeadline(7);
  frame.stampPosition(8);
  frame.stampCorrelation(9);
  const [read] = readAll(frame.slices());
  expect(read?.fields).toEqual({
    kind: Kind.request,
    flags: 5,
    codecLane: 16,
    source: 1,
    destination: 2,
    correlation: 9,
    sequence: 6,
    name: 4,
    deadlineMs: 7,
    position: 8,
    epoch: 3,
  });
});
