import type { Terminal } from "@xterm/xterm";
import { afterEach, expect, it } from "vitest";
import { startDrill, tapped } from "../../ui/terminal/drill-tap.ts";
import type { OutputSink } from "../../ui/terminal/output-link.ts";

afterEach(() => {
  globalThis.bulkheadDrill = undefined;
});

/** As much of a terminal as a tap looks at. */
function view(isConnected: boolean): Terminal {
  return { element: { isConnected }, onResize: () => undefined } as unknown as Terminal;
}

it("remembers a view that is open, however many others come and go", () => {
  startDrill();
  const sink = {} as OutputSink;
  tapped(sink, "first", view(true));
  for (let count = 0; count < 200; count += 1) tapped(sink, `tab ${count}`, view(false));
  const sessions = globalThis.bulkheadDrill?.map(({ session }) => session) ?? [];
  expect(sessions).toHaveLength(64);
  expect([sessions[0], sessions.at(-1)]).toEqual(["first", "tab 199"]);
});

it("forgets the oldest where all are open", () => {
  startDrill();
  for (let count = 0; count < 65; count += 1) tapped({} as OutputSink, `${count}`, view(true));
  expect(globalThis.bulkheadDrill?.[0]?.session).toBe("1");
});
