/** What the window or the hub put into the document: how this page reaches the bus, and as whom. */
import * as v from "valibot";

const Boot = v.object({
  /** `window`: the bridge of bulkhead-window. `browser`: one WebSocket. */
  mode: v.picklist(["window", "browser"]),
  /** Key of this document; part of the WebSocket's path, header of every bridge request. */
  key: v.string(),
  /** Colour scheme of the desktop, where the window could read it. */
  scheme: v.optional(v.picklist(["dark", "light"])),
  /** Whole environment of the process that opened the window; new shells start with it. */
  env: v.optional(v.record(v.string(), v.string()), {}),
  /** False, or a reason in words, when the renderer runs without WebKit's sandbox. */
  sandbox: v.optional(v.union([v.boolean(), v.string()])),
  version: v.optional(v.string()),
  /** Started with BULKHEAD_DRILL=1: what terminals parse is noted for a driver. */
  drill: v.optional(v.boolean(), false),
  /** Set when this document replaces a page whose process ended by itself. */
  crash: v.optional(v.object({ reason: v.string(), atMs: v.number() })),
});
export type Boot = v.InferOutput<typeof Boot>;

/**
 * Reads the document's boot block.
 * @throws Error naming what is wrong with it: the page cannot work without.
 */
export function readBoot(document: Document): Boot {
  const text = document.getElementById("boot")?.textContent;
  if (text === undefined || text === null) {
    throw new Error(
      "This page was opened without its window: it has no boot block. Start `bulkhead`.",
    );
  }
  const result = v.safeParse(Boot, JSON.parse(text));
  if (!result.success) throw new Error(`The boot block is not usable: ${result.issues[0].message}`);
  return result.output;
}
