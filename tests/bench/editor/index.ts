/** The editor: bytes of a keystroke, a change on disk, opening and memory, and the diff beside others. */
import { readFileSync, writeFileSync } from "node:fs";
import { diffLines as jsDiffLines } from "diff";
import * as contract from "../../../bus/contracts/editor-sync.ts";
import { content } from "../../../bus/contracts/file-guard.ts";
import type { Peer } from "../../../bus/peer.ts";
import { PageView } from "../../actors/editor-sync/page.ts";
import { type EditorHub, openEditorHub } from "../../actors/editor-sync/real-hub.ts";
import { type BenchRow, median } from "../row.ts";
import { connectCounted } from "./counted-peer.ts";
import { cpuMs, diffRows } from "./diffs.ts";
import { code, edited, joined } from "./texts.ts";

const LINES = 100_000;
const KEYS = 200;
const ROUNDS = 5;
/** Of a keystroke on the bridge, both ways. */
const KEY_BYTES_GOAL = 200;
const CHANGE_MS_GOAL = 200;
const MB = 1_000_000;

export async function bench(): Promise<BenchRow[]> {
  const hub = await openEditorHub();
  try {
    const idle = await memory(hub);
    return [
      figure(
        "editor's process without a document, PSS",
        "the process before it was built",
        [idle, 22],
        "MB",
      ),
      await keystroke(hub),
      ...(await externalChange(hub)),
      ...(await opening(hub)),
      ...diffRows(),
    ];
  } finally {
    await hub.close();
  }
}

function figure(
  what: string,
  against: string,
  [ours, theirs]: [number, number],
  unit: string,
): BenchRow {
  return { what, against, ours, theirs, unit, ratio: ours / theirs };
}

/** PSS of the actor, MB. */
async function memory(hub: EditorHub): Promise<number> {
  const { pid } = await hub.row("editor-sync");
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1000;
}

/** A letter typed in the middle of a large file, with all frames of it. */
async function keystroke(hub: EditorHub): Promise<BenchRow> {
  hub.write("large.ts", joined(code(LINES)));
  const { peer, bytes } = await connectCounted(hub.runtimeDir);
  const view = await PageView.open(peer, { path: "large.ts", client: "typist" });
  const middle = Math.floor(view.text.length / 2);
  view.edit(middle, middle, "x");
  await view.acknowledged();
  await view.until(() => view.state.isDirty, "dirty");
  const before = bytes.up + bytes.down;
  for (let key = 1; key <= KEYS; key++) {
    view.edit(middle + key, middle + key, "x");
    await view.acknowledged();
  }
  const ours = (bytes.up + bytes.down - before) / KEYS;
  view.close(true);
  peer.close();
  return {
    what: "one-character edit in a 100,000-line file, on the bridge",
    against: "the goal",
    goal: { max: 1 },
    ...{ ours, theirs: KEY_BYTES_GOAL, unit: "B", ratio: ours / KEY_BYTES_GOAL },
    note: `both ways with headers, credits and checks, mean of ${KEYS}`,
  };
}

/** Five of a hundred lines changed on disk, until the page has the text. */
async function externalChange(hub: EditorHub): Promise<BenchRow[]> {
  const [one, other] = [joined(code(LINES)), joined(edited(code(LINES), 20))];
  hub.write("change.ts", one);
  const view = await PageView.open(hub.peer, { path: "change.ts", client: "reader" });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const next = round % 2 === 0 ? other : one;
    const merged = view.lines.filter((line) => "merged" in line).length;
    const startMs = performance.now();
    hub.write("change.ts", next);
    await view.until(() => view.lines.filter((line) => "merged" in line).length > merged, "merged");
    times.push(performance.now() - startMs);
    if (view.text !== next) throw new Error("the page has another text than the disk");
  }
  view.close(true);
  const ours = median(times);
  const theirs = cpuMs(() => void jsDiffLines(one, other));
  const what = "external change, 100,000 lines, 5 % changed, clean buffer, to the page";
  const note = `median of ${ROUNDS}, the first of them starts the worker`;
  const goal = { max: 1 };
  return [
    {
      what,
      against: "the goal",
      goal,
      ours,
      theirs: CHANGE_MS_GOAL,
      unit: "ms",
      ratio: ours / CHANGE_MS_GOAL,
      note,
    },
    { what, against: "jsdiff's diff alone", ours, theirs, unit: "ms", ratio: ours / theirs, note },
  ];
}

async function opening(hub: EditorHub): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const size of [1, 10, 100]) {
    const name = `open-${size}.ts`;
    const lines = code(30_000);
    const piece = joined(lines);
    writeFileSync(
      hub.path(name),
      piece.repeat(Math.ceil((size * MB) / piece.length)).slice(0, size * MB),
    );
    const before = await memory(hub);
    const startMs = performance.now();
    const view = await PageView.open(hub.peer, { path: name, client: `opener-${size}` });
    if (size === 100) await firstScreen(hub.peer, view);
    const openMs = performance.now() - startMs;
    if (size === 100) await counted(view);
    const doneMs = performance.now() - startMs;
    const grown = (await memory(hub)) - before;
    const bareMs = await bareRead(hub.peer, hub.path(name));
    const against = "the same file streamed by the file guard";
    const words =
      size === 100 ? "first screen of a file of 100 MB" : `a file of ${size} MB opened, all text`;
    rows.push(figure(words, against, [openMs, bareMs], "ms"));
    if (size === 100)
      rows.push(figure("lines of a file of 100 MB counted", against, [doneMs, bareMs], "ms"));
    rows.push(figure(`memory of a file of ${size} MB`, "its size", [grown, size], "MB"));
    view.close(true);
  }
  return rows;
}

async function firstScreen(peer: Peer, view: PageView): Promise<void> {
  await peer.request(contract.lines, { document: view.facts.document, from: 0, count: 60 });
}

function counted(view: PageView): Promise<void> {
  const isDone = (line: Record<string, unknown>) =>
    (line["counted"] as { isDone?: boolean } | undefined)?.isDone === true;
  return view.until(() => view.lines.some(isDone), "counted");
}

async function bareRead(peer: Peer, path: string): Promise<number> {
  const startMs = performance.now();
  const stream = await peer.open(content, { path });
  stream.end();
  for await (const _ of stream) {
    // Only the time counts.
  }
  return performance.now() - startMs;
}
