/** Cuts a stream of bytes into the texts between separators; what is cut in the middle waits for its rest. */
export interface Splitter {
  /** Whole texts so far. */
  push(chunk: Uint8Array): string[];
  /** What is left when the stream ends. */
  end(): string[];
}

/** `separator` is one byte that no text holds: 0 between names, 10 between lines. */
export function createSplitter(separator: 0 | 10): Splitter {
  const decoder = new TextDecoder();
  const sign = String.fromCharCode(separator);
  let rest = "";
  return {
    push(chunk) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split(sign);
      rest = parts.pop() ?? "";
      return parts;
    },
    end() {
      const parts = (rest + decoder.decode()).split(sign).filter((part) => part !== "");
      rest = "";
      return parts;
    },
  };
}
