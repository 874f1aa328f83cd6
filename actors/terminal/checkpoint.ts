/** A screen as the keeper stores it: a JSON line with the modes, then the sequences. */
import * as v from "valibot";
import { CHECKPOINT_BYTES_MAX, type StoredScreen } from "./backend.ts";
import type { Screen } from "./screen.ts";

const Switch = v.picklist(["on", "off"]);
const Margins = v.nullable(v.tuple([v.number(), v.number()]));
const Head = v.object({
  version: v.literal(1),
  modes: v.object({
    privateModes: v.array(v.tuple([v.number(), Switch])),
    ansiModes: v.array(v.number()),
    margins: v.object({ normal: Margins, alternate: Margins }),
    cursorShape: v.number(),
    charsets: v.tuple([v.string(), v.string(), v.string(), v.string()]),
    shift: v.number(),
    keyboard: v.object({ normal: v.array(v.number()), alternate: v.array(v.number()) }),
    modifyOtherKeys: v.number(),
    alternate: v.boolean(),
  }),
});

/** The stored form, or undefined when the screen is too large to be stored (over CHECKPOINT_BYTES_MAX). */
export function storeScreen(screen: Screen): StoredScreen | undefined {
  const head = JSON.stringify({ version: 1, modes: screen.modes });
  const blob = new TextEncoder().encode(`${head}\n${screen.text}`);
  if (blob.length > CHECKPOINT_BYTES_MAX) return undefined;
  return { offset: screen.offset, cols: screen.cols, rows: screen.rows, blob };
}

/** The screen again, or undefined when it was written by another version or is damaged. */
export function readScreen(stored: StoredScreen): Screen | undefined {
  const text = new TextDecoder().decode(stored.blob);
  const split = text.indexOf("\n");
  if (split < 0) return undefined;
  try {
    const head = v.safeParse(Head, JSON.parse(text.slice(0, split)));
    if (!head.success) return undefined;
    const { offset, cols, rows } = stored;
    return { offset, cols, rows, text: text.slice(split + 1), modes: head.output.modes };
  } catch {
    return undefined;
  }
}
