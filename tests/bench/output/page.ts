/** What runs inside of the page. Each function is passed as source, so it uses nothing from outside. */
import type { Terminal } from "@xterm/xterm";

declare global {
  /** The page's own xterm, of which another one can be made. */
  var benchTerminal: Terminal | undefined;
  var benchShown: Promise<number> | undefined;
}

/** Keeps the first view's xterm, which the page notes in a drill, and ends the notes for views to come. */
export function keepTerminal(): void {
  globalThis.benchTerminal = globalThis.bulkheadDrill?.at(-1)?.terminal;
  globalThis.bulkheadDrill = undefined;
}

/** True when the visible one of two terminals has a prompt. */
export function hasPrompt(): true | undefined {
  const all = [...document.querySelectorAll<HTMLElement>(".xterm")];
  const [seen, ...others] = all.filter((one) => one.checkVisibility() && one.clientWidth > 0);
  const isOther = seen !== undefined && !seen.contains(globalThis.benchTerminal?.element ?? null);
  const isReady = others.length === 0 && isOther && (seen.textContent ?? "").includes("$");
  return isReady || undefined;
}

/** Sets `benchShown`: milliseconds from the next key, which is Enter, to a row that begins with `words`. */
export function armShown(words: string): void {
  globalThis.benchShown = new Promise((resolve) => {
    let startMs = 0;
    const onKey = (): void => {
      startMs = performance.now();
    };
    addEventListener("keydown", onKey, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      const rows = [...document.querySelectorAll(".xterm-rows > *")];
      const isThere = rows.some((row) =>
        (row.textContent ?? "").replaceAll("\u00a0", " ").startsWith(words),
      );
      if (!isThere || startMs === 0) return;
      observer.disconnect();
      resolve(performance.now() - startMs);
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** Milliseconds an xterm like the page's own, in its place, needs for a text, as much at a time as a view is sent. */
export function feedFromMemory(text: string): Promise<number> {
  const own = globalThis.benchTerminal;
  const seen = [...document.querySelectorAll<HTMLElement>(".xterm")].find((one) =>
    one.checkVisibility(),
  );
  const place = seen?.parentElement;
  if (own === undefined || place === undefined || place === null) throw new Error("no terminal");
  const Maker = own.constructor as typeof Terminal;
  const other = new Maker({ ...own.options, cols: own.cols, rows: own.rows });
  const box = document.createElement("div");
  box.style.cssText = "position: absolute; inset: 0; z-index: 9;";
  place.append(box);
  other.open(box);
  const bytes = new TextEncoder().encode(text);
  return new Promise((resolve) => {
    const startMs = performance.now();
    let sent = 0;
    let left = bytes.length;
    const next = (): void => {
      const piece = bytes.subarray(sent, sent + 65_536);
      sent += piece.length;
      if (piece.length === 0) return;
      other.write(piece, () => {
        left -= piece.length;
        if (left > 0) return next();
        resolve(performance.now() - startMs);
        other.dispose();
        box.remove();
      });
    };
    next();
    next();
  });
}
