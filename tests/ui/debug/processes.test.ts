import { describe, expect, it } from "vitest";
import type { ProcessRow } from "../../../bus/contracts/hub.ts";
import {
  PROCESS_COLUMNS,
  processFigures,
  processLines,
  rowActs,
} from "../../../ui/state/processes.ts";
import { createMemoryHistory } from "../../../ui/state/processes-memory.ts";

function row(
  name: string,
  kind: ProcessRow["kind"],
  parent: string,
  change: Partial<ProcessRow> = {},
): ProcessRow {
  return {
    name,
    kind,
    parent,
    state: "ready",
    pid: 7,
    epoch: 1,
    restarts: 0,
    reason: "",
    why: "",
    rssBytes: 40,
    pssBytes: null,
    mailbox: 0,
    held: 0,
    uptimeMs: 1,
    cpuPercent: null,
    lagMs: null,
    retryAtMs: null,
    sinceMs: 0,
    callsInFlight: 0,
    sandbox: "",
    acts: [],
    ...change,
  };
}

const rows = [
  row("root", "root", ""),
  row("window/1", "window", "root"),
  row("page/1", "page", "window/1"),
  row("keeper", "keeper", ""),
  row("zsh/1", "shell", "keeper"),
  row("hub", "hub", "root"),
  row("ui/1", "client", "hub"),
  row("terminal", "actor", "hub", { restarts: 2, rssBytes: 90, pssBytes: 30 }),
  row("model", "actor", "hub", { pid: null, rssBytes: null, restarts: 6 }),
];

function names(
  sort: Parameters<typeof processLines>[2],
  closed: readonly string[] = [],
): readonly string[] {
  return processLines(rows, new Set(closed), sort).map(
    ({ row: each, level }) => `${" ".repeat(level)}${each.name}`,
  );
}

describe("the tree of processes", () => {
  it("goes hub, what it started, keeper and shells, window, root", () => {
    expect(names(null)).toEqual([
      "hub",
      " terminal",
      " model",
      " ui/1",
      "keeper",
      " zsh/1",
      "window/1",
      " page/1",
      "root",
    ]);
  });

  it("leaves out what lies under a closed line", () => {
    expect(names(null, ["hub", "window/1"])).toEqual([
      "hub",
      "keeper",
      " zsh/1",
      "window/1",
      "root",
    ]);
  });

  it("sorts siblings only, missing numbers last", () => {
    expect(names({ column: "restarts", direction: "down" }).slice(0, 4)).toEqual([
      "hub",
      " model",
      " terminal",
      " ui/1",
    ]);
    expect(names({ column: "pid", direction: "up" }).slice(0, 4)).toEqual([
      "hub",
      " terminal",
      " ui/1",
      " model",
    ]);
  });

  it("does not go round in circles and loses nobody whose parent is unknown", () => {
    const odd = [
      row("a", "actor", "b"),
      row("b", "actor", "a"),
      row("c", "actor", "nobody"),
      row("d", "actor", "d"),
    ];
    expect(processLines(odd, new Set(), null).map((line) => line.row.name)).toEqual(["c", "d"]);
  });

  it("counts the living and their proportional memory where it is known", () => {
    expect(processFigures(rows)).toEqual({ count: 8, bytes: 7 * 40 + 30 });
  });

  it("offers at most three acts in the row", () => {
    const acts = rowActs(
      row("x", "actor", "hub", { acts: ["kill", "restart", "suspend", "freeze", "park"] }),
    );
    expect(acts).toEqual(["suspend", "restart", "kill"]);
    expect(rowActs(row("x", "actor", "hub", { acts: ["retry"] }))).toEqual(["retry"]);
    expect(rowActs(row("x", "actor", "hub", { acts: ["resume", "kill"] }))).toEqual([
      "resume",
      "kill",
    ]);
  });

  it("shows no more columns than fit, with the acts beside them", () => {
    for (const width of [600, 676, 720, 799, 800, 979, 980, 1159, 1160, 1280]) {
      const fixed = PROCESS_COLUMNS.filter(({ from }) => width >= from).reduce(
        (sum, each) => sum + each.width,
        84,
      );
      expect([width, fixed <= Math.max(width, 648)]).toEqual([width, true]);
    }
  });
});

describe("the memory curve", () => {
  it("takes a sample a second and starts anew with a new incarnation", () => {
    const history = createMemoryHistory();
    const terminal = (bytes: number, epoch = 1) =>
      row("terminal", "actor", "hub", { rssBytes: bytes, epoch });
    history.add(0, [terminal(1)]);
    history.add(250, [terminal(2)]);
    history.add(1_000, [terminal(3)]);
    expect(history.of(terminal(3))).toEqual([1, 3]);
    history.add(2_000, [terminal(9, 2)]);
    expect(history.of(terminal(9, 2))).toEqual([9]);
    history.add(3_000, []);
    expect(history.of(terminal(9, 2))).toEqual([]);
    for (let second = 0; second < 400; second++) history.add(second * 1_000, [terminal(second)]);
    expect(history.of(terminal(0))).toHaveLength(300);
  });
});
