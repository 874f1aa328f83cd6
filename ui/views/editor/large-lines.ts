/** The lines of a file that is read by ranges, counted as it is looked through. */
import { createSignal } from "solid-js";
import { lines as linesMethod } from "../../../bus/contracts/editor-sync.ts";
import type { Connection } from "../../bus.ts";
import type { OpenDocument } from "../../editor/open-document.ts";

const CUT_MARK = " ... (the rest of this line is not shown)";

export interface LargeLines {
  /** Lines as far as they are counted, at least one. */
  count(): number;
  fetch(from: number, many: number): Promise<readonly string[]>;
  /** The row itself, or the last one, once it is counted that far. */
  counted(row: number): Promise<number>;
}

export function createLargeLines(document: OpenDocument, connection: Connection): LargeLines {
  const [seen, setSeen] = createSignal(0);
  const count = (): number =>
    Math.max(seen(), document.counted()?.lines ?? 0, document.facts()?.lines ?? 0, 1);
  const fetch = async (from: number, many: number): Promise<readonly string[]> => {
    const input = { document: document.facts()?.document ?? "", from, count: many };
    const answer = await connection.request(linesMethod, input);
    setSeen(answer.counted);
    return answer.lines.map(({ text, isCut }) => (isCut ? text + CUT_MARK : text));
  };
  return {
    count,
    fetch,
    async counted(row) {
      // A line that is not counted yet is answered as soon as it is.
      await fetch(row, 1).catch(() => undefined);
      return Math.min(row, count() - 1);
    },
  };
}
