/** A hash of a text that page and actor work out alike. It finds a text that went astray; it does not resist an attacker. */

/** A hash under way: the same whatever the pieces are, as long as together they are the same text. */
export interface TextHash {
  /** Takes in the next UTF-16 units. */
  add(piece: string): void;
  /** 14 hex digits: 53 bits over all units so far. */
  value(): string;
}

/** Starts a hash of the empty text. */
export function startTextHash(): TextHash {
  let high = 0xdead_beef;
  let low = 0x41c6_ce57;
  return {
    add(piece) {
      for (let index = 0; index < piece.length; index++) {
        const unit = piece.charCodeAt(index);
        high = Math.imul(high ^ unit, 0x9e37_79b1);
        low = Math.imul(low ^ unit, 0x5f35_6495);
      }
    },
    value() {
      const a = mix(high) ^ last(low);
      const b = mix(low) ^ last(high);
      const bits = 2 ** 32 * (b & 0x1f_ffff) + (a >>> 0);
      return bits.toString(16).padStart(14, "0");
    },
  };
}

/** The hash of a text at hand in pieces, such as the lines of a document with their breaks. */
export function hashText(pieces: Iterable<string>): string {
  const hash = startTextHash();
  for (const piece of pieces) hash.add(piece);
  return hash.value();
}

function mix(word: number): number {
  return Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
}

function last(word: number): number {
  return Math.imul(word ^ (word >>> 13), 0xc2b2_ae35);
}
