/**
 * Reads a program's output as a terminal would, without changing it: finds control sequences across any
 * chunk borders. Holds at most SEQUENCE_BYTES_MAX of an unfinished sequence.
 *
 *   ground --ESC--> escape --[--> csi --final--> ground
 *                      |-----]--> osc --BEL or ST--> ground
 *                      |--P X ^ _--> text --ST--> ground
 */

/** Longest parameter part of a CSI or escape sequence that is understood; longer ones are skipped. */
export const CSI_BYTES_MAX = 256;
/** Longest OSC that is understood; of longer ones (images, clipboards) nothing is kept. */
export const OSC_BYTES_MAX = 8 * 1024;

/** What the scanner tells. Offsets are absolute: one past the sequence's last byte. */
export interface ScannerEvents {
  /** A bell, not one that ends an OSC. */
  bell(offset: number): void;
  /** `ESC ]`: text up to its end mark, decoded as UTF-8. */
  osc(text: string, offset: number): void;
  /** `ESC [`: `body` holds prefix, parameters and intermediates; `final` is the last byte. */
  csi(body: string, final: string, offset: number): void;
  /** `ESC` and what follows: intermediates and final byte as one string. */
  escape(text: string, offset: number): void;
  /** SO or SI: charset G1 or G0 is in use now. */
  shift(set: 0 | 1): void;
}

const State = {
  ground: 0,
  escape: 1,
  csi: 2,
  osc: 3,
  text: 4,
  textEscape: 5,
  oscEscape: 6,
} as const;
type State = (typeof State)[keyof typeof State];

const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const LF = 0x0a;
const CR = 0x0d;
const EL = 0x4b;
const SGR = 0x6d;

/** One streaming reader; feed it every byte of one session once, in order. */
export class Scanner {
  readonly #events: ScannerEvents;
  readonly #decoder = new TextDecoder();
  readonly #body = new Uint8Array(OSC_BYTES_MAX);
  #bodyBytes = 0;
  #overlong = false;
  #state: State = State.ground;
  /** Continuation bytes that the current UTF-8 character still lacks. */
  #missing = 0;
  /** The last byte was C2: what follows may be an 8-bit control character. */
  #afterC2 = false;
  #boundary = 0;
  #linearSince = 0;
  /** What is unfinished may still become an SGR or EL and has had nothing else in it. */
  #isLook = false;

  constructor(events: ScannerEvents, offset = 0) {
    this.#events = events;
    this.#boundary = offset;
    this.#linearSince = offset;
  }

  /**
   * What comes after this only writes on, line by line: characters, line ends, bells, and of sequences SGR and EL, each
   * introduced by `ESC [`. So what has scrolled away has left nothing but the pen.
   */
  get linearSince(): number {
    return this.#linearSince;
  }

  /** Last offset between two characters or sequences: a screen may be cut here. */
  get boundary(): number {
    return this.#boundary;
  }

  /** Reads `chunk`, whose first byte has the absolute offset `offset`. */
  feed(chunk: Uint8Array, offset: number): void {
    for (let index = 0; index < chunk.length; index++) {
      if (this.#state !== State.ground) {
        this.#within(chunk[index] ?? 0, offset + index + 1);
        continue;
      }
      if (this.#missing === 0) index = plainEnd(chunk, index);
      const byte = chunk[index];
      if (byte !== undefined) this.#ground(byte, offset + index);
    }
    if (this.#state === State.ground && this.#missing === 0) this.#boundary = offset + chunk.length;
  }

  #ground(byte: number, at: number): void {
    if (this.#missing > 0) {
      if (byte >= 0x80 && byte < 0xc0) {
        this.#missing--;
        if (this.#afterC2 && byte < 0xa0) this.#control8(byte, at - 1);
        this.#afterC2 = false;
        return;
      }
      this.#missing = 0;
      this.#afterC2 = false;
    }
    if (byte === ESC) this.#enter(State.escape, at);
    else if (byte === BEL) this.#events.bell(at + 1);
    else if (byte === 0x0e || byte === 0x0f) this.#shift(byte, at + 1);
    else if (byte >= 0xc2) this.#lead(byte, at);
  }

  #lead(byte: number, at: number): void {
    this.#boundary = at;
    this.#afterC2 = byte === 0xc2;
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf5 ? 3 : 0;
  }

  #control8(byte: number, start: number): void {
    this.#linearSince = start + 2;
    if (byte === 0x9b) this.#enter(State.csi, start);
    else if (byte === 0x9d) this.#enter(State.osc, start);
    else if (byte === 0x90 || byte === 0x98 || byte === 0x9e || byte === 0x9f) {
      this.#enter(State.text, start);
    }
  }

  /** `start` is where the whole sequence begins, so that it is never cut. */
  #enter(state: State, start: number): void {
    if (this.#state === State.ground) this.#boundary = start;
    this.#isLook =
      state === State.escape ||
      (state === State.csi && this.#state === State.escape && this.#isLook);
    this.#state = state;
    this.#bodyBytes = 0;
    this.#overlong = false;
  }

  #within(byte: number, end: number): void {
    this.#sequence(byte, end);
    if (this.#state === State.ground && !this.#isLook) this.#linearSince = end;
  }

  #sequence(byte: number, end: number): void {
    if (byte === CAN || byte === SUB) {
      this.#state = State.ground;
      return;
    }
    switch (this.#state) {
      case State.escape:
        return this.#escape(byte, end);
      case State.csi:
        return this.#csi(byte, end);
      case State.osc:
        return this.#osc(byte, end);
      case State.oscEscape:
        if (byte === 0x5c) return this.#finishOsc(end);
        this.#finishOsc(end - 1);
        return this.#restart(byte, end);
      case State.text:
        if (byte === ESC) this.#state = State.textEscape;
        else if (byte === 0x9c && this.#afterC2) this.#state = State.ground;
        this.#afterC2 = byte === 0xc2;
        return;
      case State.textEscape:
        if (byte === 0x5c) this.#state = State.ground;
        else this.#restart(byte, end);
        return;
      case State.ground:
        return;
    }
  }

  /** An ESC inside a string ended it and begins a new sequence with this byte. */
  #restart(byte: number, end: number): void {
    this.#linearSince = end - 2;
    this.#state = State.ground;
    this.#enter(State.escape, end - 2);
    this.#sequence(byte, end);
  }

  #escape(byte: number, end: number): void {
    if (this.#bodyBytes === 0) {
      if (byte === 0x5b) return this.#enter(State.csi, end);
      if (byte === 0x5d) return this.#enter(State.osc, end);
      if (byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) {
        return this.#enter(State.text, end);
      }
    }
    if (byte === ESC) return this.#enter(State.escape, end);
    if (byte < 0x20) return this.#execute(byte, end);
    this.#keep(byte, CSI_BYTES_MAX);
    if (byte < 0x30) return;
    this.#state = State.ground;
    this.#isLook = false;
    if (byte < 0x7f && !this.#overlong) this.#events.escape(this.#ascii(), end);
  }

  #csi(byte: number, end: number): void {
    if (byte === ESC) return this.#enter(State.escape, end);
    if (byte < 0x20) return this.#execute(byte, end);
    if (byte < 0x40) {
      this.#isLook &&= byte >= 0x30 && byte < 0x3c;
      return this.#keep(byte, CSI_BYTES_MAX);
    }
    if (byte === 0x7f) {
      this.#isLook = false;
      return;
    }
    this.#state = State.ground;
    this.#isLook &&= (byte === SGR || byte === EL) && !this.#overlong;
    if (byte < 0x7f && !this.#overlong) {
      this.#events.csi(this.#ascii(), String.fromCharCode(byte), end);
    }
  }

  /** Control characters work in the middle of a sequence, as in a terminal. */
  #execute(byte: number, end: number): void {
    this.#isLook = false;
    if (byte === BEL) this.#events.bell(end);
    else if (byte === 0x0e || byte === 0x0f) this.#shift(byte, end);
  }

  #shift(byte: number, end: number): void {
    this.#linearSince = end;
    this.#events.shift(byte === 0x0e ? 1 : 0);
  }

  #osc(byte: number, end: number): void {
    if (byte === BEL) return this.#finishOsc(end);
    if (byte === 0x9c && this.#afterC2) {
      this.#bodyBytes = Math.max(0, this.#bodyBytes - 1);
      return this.#finishOsc(end);
    }
    this.#afterC2 = byte === 0xc2;
    if (byte === ESC) this.#state = State.oscEscape;
    else if (byte >= 0x20) this.#keep(byte, OSC_BYTES_MAX);
  }

  #finishOsc(end: number): void {
    this.#state = State.ground;
    this.#afterC2 = false;
    if (!this.#overlong) this.#events.osc(this.#text(), end);
  }

  #keep(byte: number, max: number): void {
    if (this.#bodyBytes >= max) this.#overlong = true;
    else this.#body[this.#bodyBytes++] = byte;
  }

  /** Short and of single bytes: a decoder costs several times as much, and colours come in floods. */
  #ascii(): string {
    let text = "";
    for (let at = 0; at < this.#bodyBytes; at++) text += String.fromCharCode(this.#body[at] ?? 0);
    return text;
  }

  #text(): string {
    return this.#decoder.decode(this.#body.subarray(0, this.#bodyBytes));
  }
}

/** First byte from `from` on that is no printable ASCII and no line end, or the end. */
function plainEnd(chunk: Uint8Array, from: number): number {
  let at = from;
  for (; at < chunk.length; at++) {
    const byte = chunk[at] ?? 0;
    if ((byte < 0x20 && byte !== LF && byte !== CR) || byte >= 0x7f) break;
  }
  return at;
}
