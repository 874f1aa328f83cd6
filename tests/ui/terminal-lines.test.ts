import { expect, it } from "vitest";
import { lineContrast, lineRanges } from "../../ui/terminal/line-contrast.ts";
import { quietSelection } from "../../ui/terminal/quiet-selection.ts";

it("makes every box line a run of its own and leaves blocks and text alone", () => {
  expect(lineRanges("\u2502UP\u2500\u2510\u2588 x")).toEqual([
    [0, 1],
    [3, 4],
    [4, 5],
  ]);
  expect(lineRanges("\u2580\u2591 plain")).toEqual([]);
});

function pane() {
  const designated = new Map<string, () => unknown>();
  const joined: unknown[] = [];
  const terminal = {
    element: undefined as HTMLElement | undefined,
    parser: {
      registerEscHandler: ({ intermediates = "" }, handler: () => unknown) => {
        designated.set(intermediates, handler);
        return { dispose: () => undefined };
      },
    },
    registerCharacterJoiner: (joiner: unknown) => joined.push(joiner),
    deregisterCharacterJoiner: () => joined.pop(),
  };
  const lines = lineContrast(terminal as unknown as Parameters<typeof lineContrast>[0]);
  const open = () => {
    terminal.element = {} as HTMLElement;
    lines.opened();
  };
  return { lines, open, joined, designate: (slot: string) => designated.get(slot)?.() };
}

const encode = (text: string) => new TextEncoder().encode(text);

it("looks for box lines only once there may be one", () => {
  const { lines, open, joined } = pane();
  open();
  lines.saw(encode("plain \u00e9"));
  expect(joined).toEqual([]);
  lines.saw(encode("\u2502"));
  lines.saw(encode("\u2502"));
  expect(joined).toHaveLength(1);
  lines.dispose();
  expect(joined).toEqual([]);
});

it.each(["(", ")", "*", "+"])("looks for them when charset %s0 is named", (slot) => {
  const { open, joined, designate } = pane();
  open();
  expect(designate(slot)).toBe(false);
  expect(joined).toHaveLength(1);
});

it("what was seen before the terminal was opened counts", () => {
  const { lines, open, joined } = pane();
  lines.saw(encode("\u2500"));
  expect(joined).toEqual([]);
  open();
  expect(joined).toHaveLength(1);
});

it("draws the selection while there is one, once more to take it away, and then no more", () => {
  let drawn = 0;
  const service = { hasSelection: false, refresh: () => void drawn++ };
  quietSelection({ _core: { _selectionService: service } });
  const scrolled = [false, true, true, false, false].map((hasSelection) => {
    service.hasSelection = hasSelection;
    service.refresh();
    return drawn;
  });
  expect(scrolled).toEqual([0, 1, 2, 3, 3]);
});
