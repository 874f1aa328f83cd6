/** Counts the lines that came while the person has scrolled up: "312 new lines". */
import type { IDisposable, Terminal } from "@xterm/xterm";

/** Calls `onCount` with 0 when the newest line is in view again. */
export function scrollWatch(terminal: Terminal, onCount: (lines: number) => void): IDisposable {
  let count = 0;
  const tell = (lines: number): void => {
    if (lines === count) return;
    count = lines;
    onCount(lines);
  };
  const isUp = (): boolean => {
    const { type, viewportY, baseY } = terminal.buffer.active;
    return type === "normal" && viewportY < baseY;
  };
  let fresh = 0;
  const fed = terminal.onLineFeed(() => {
    if (isUp()) fresh += 1;
  });
  // A flood feeds thousands of lines a frame; the figure changes once per parsed batch.
  const parsed = terminal.onWriteParsed(() => {
    if (!isUp()) fresh = 0;
    tell(fresh);
  });
  const scrolled = terminal.onScroll(() => {
    if (isUp()) return;
    fresh = 0;
    tell(0);
  });
  return {
    dispose() {
      fed.dispose();
      parsed.dispose();
      scrolled.dispose();
    },
  };
}
