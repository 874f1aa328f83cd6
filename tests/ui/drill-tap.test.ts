import type { Terminal } from "@xterm/xterm";
import { afterEach, expect, it } from "vitest";
import { startDrill, tapped } from "../../ui/terminal/drill-tap.ts";
import type { OutputSink } from "../../ui/terminal/output-link.ts";

afterEach(() => {
  globalThis.bulkheadDrill = undefined;
});

/** As much of a terminal as a tap looks at. */
const terminal = { onResize: () => undefined } as unknown as Terminal;
const sink = {} as OutputSink;

/** A view of a session that stays, or leaves it at once. */
function view(session: string, how: "stays" | "leaves"): void {
  const links = new AbortController();
  tapped(sink, { session, terminal, signal: links.signal });
  if (how === "leaves") links.abort();
}

it("remembers a view that stays, however many others come and go", () => {
  startDrill();
  view("first", "stays");
  for (let count = 0; count < 200; count += 1) view(`tab ${count}`, "leaves");
  const sessions = globalThis.bulkheadDrill?.map(({ session }) => session) ?? [];
  expect(sessions).toHaveLength(64);
  expect([sessions[0], sessions.at(-1)]).toEqual(["first", "tab 199"]);
});

it("forgets the oldest where all stay", () => {
  startDrill();
  for (let count = 0; count < 65; count += 1) view(`${count}`, "stays");
  expect(globalThis.bulkheadDrill?.[0]?.session).toBe("1");
});
