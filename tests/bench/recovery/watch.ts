/** Runs inside of the page: notes when each of the ticker's numbers is drawn first, and holes and doubles. */

/** What the page has seen. */
export interface Watch {
  /** `[ticker's stamp, wall clock when drawn]` of each number, milliseconds. */
  readonly drawn: [number, number][];
  /** A screen whose numbers do not follow each other, in words. */
  readonly faults: string[];
  top: number;
}

declare global {
  var benchWatch: Watch | undefined;
}

/** Starts it. Passed to the page as source, so it uses nothing from outside. */
export function watch(): void {
  const state: Watch = { drawn: [], faults: [], top: -1 };
  globalThis.benchWatch = state;
  const look = (): void => {
    const rows = [...document.querySelectorAll(".xterm-rows > *")];
    const text = rows.map((row) => row.textContent ?? "").join("\n");
    const atMs = performance.timeOrigin + performance.now();
    let before: number | undefined;
    for (const [, word = "", stamp = ""] of text.matchAll(/(\d+):(\d+);/g)) {
      const number = Number(word);
      const wanted = before === undefined ? Math.min(number, state.top + 1) : before + 1;
      if (number !== wanted) state.faults.push(`${number} where ${wanted} was due`);
      before = number;
      if (number <= state.top) continue;
      state.top = number;
      state.drawn.push([Number(stamp), atMs]);
    }
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
  });
}
