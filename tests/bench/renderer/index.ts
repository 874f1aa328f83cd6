/** The page's process killed in the real window, to its terminals restored, against a reload of the same page. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { startDisplay } from "../../window/harness/display.ts";
import { eventually, nameOf, withVariable } from "../../window/harness/processes.ts";
import { evaluateIn } from "../../window/harness/remote.ts";
import { type Folders, makeFolders } from "../app/folders.ts";
import { inPage, startInstance } from "../app/instance.ts";
import { PROMPT_AT } from "../app/page.ts";
import { type BenchRow, median } from "../row.ts";

/** Counted kills and reloads, in turn; one more of each comes first and is dropped. */
const RUNS = 10;
/** Between a recovery and the next end of the page, milliseconds: everything is at rest again. */
const BETWEEN_MS = 1_000;
/** A page that ends answers nothing any more: it is asked again after this, milliseconds. */
const ASK_MS = 500;
const TERMINALS = 2;
const LINES = 2_000;

/** One row: the kill's p95 against the reload's median. */
export async function bench(): Promise<BenchRow[]> {
  const display = await startDisplay({ PATH: "/usr/bin:/bin" });
  const folders = makeFolders();
  appendFileSync(
    join(folders.base, "home/.bashrc"),
    `seq -f 'line %g of a full screen' ${LINES}\n`,
  );
  const app = startInstance("open", folders, { ...display.env, BULKHEAD_DRILL: "1" });
  try {
    await inPage(folders.runtimeDir, PROMPT_AT);
    await split(folders);
    return [await measure(folders)];
  } finally {
    await app.end();
    await display.end();
    folders.remove();
  }
}

async function measure(folders: Folders): Promise<BenchRow> {
  const killed: number[] = [];
  const reloaded: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    killed.push(await restoredAfter(folders, killRenderer));
    reloaded.push(await restoredAfter(folders, reload));
  }
  const kills = killed.slice(1).toSorted((left, right) => left - right);
  const p95 = kills[Math.ceil(0.95 * kills.length) - 1] ?? Number.NaN;
  const theirs = median([...reloaded.slice(1), Number.POSITIVE_INFINITY]);
  return {
    what: "renderer SIGKILL to restored visible terminals, p95",
    against: "reload of the same page, median",
    goal: { max: 2 },
    ours: p95,
    theirs,
    unit: "ms",
    ratio: p95 / theirs,
    note: `${RUNS} of each in turn in the real window, ${TERMINALS} terminals of ${LINES} lines, p50 ${Math.round(median([...kills, Number.POSITIVE_INFINITY]))} ms`,
  };
}

/** Milliseconds from the page's end to the parsed screen of its last terminal. */
async function restoredAfter(
  folders: Folders,
  end: (folders: Folders) => Promise<number>,
): Promise<number> {
  await new Promise((wake) => setTimeout(wake, BETWEEN_MS));
  const endedMs = await end(folders);
  return (await restoredAt(folders, endedMs)) - endedMs;
}

/** Wall clock of the last restored screen of a page that began after `sinceMs`. */
function restoredAt(folders: Folders, sinceMs: number): Promise<number> {
  const body = `
    if (performance.timeOrigin < ${sinceMs}) return null;
    const screens = (globalThis.bulkheadDrill ?? []).map(({ notes }) =>
      notes.find(({ kind }) => kind === "restored")?.atMs ?? null);
    return screens.length < ${TERMINALS} || screens.includes(null) ? null : Math.max(...screens);`;
  return eventually("the terminals are restored", async () => {
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), ASK_MS));
    const asked = evaluateIn<number | null>(socketOf(folders), body).catch(() => null);
    return (await Promise.race([asked, late])) ?? undefined;
  });
}

async function killRenderer({ marker }: Folders): Promise<number> {
  const pid = withVariable("XDG_RUNTIME_DIR", marker).find(
    (one) => nameOf(one) === "WebKitWebProces",
  );
  if (pid === undefined) throw new Error("there is no WebKitWebProcess to kill");
  const killedMs = Date.now();
  process.kill(pid, "SIGKILL");
  return killedMs;
}

function reload(folders: Folders): Promise<number> {
  const body = "setTimeout(() => location.reload(), 0); return Date.now();";
  return evaluateIn<number>(socketOf(folders), body);
}

/** A second terminal beside the first. */
async function split(folders: Folders): Promise<void> {
  const press = { key: "D", code: "KeyD", ctrlKey: true, shiftKey: true, bubbles: true };
  const body = `document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", ${JSON.stringify(press)})); return true;`;
  await evaluateIn(socketOf(folders), body);
  await restoredAt(folders, 0);
}

function socketOf({ runtimeDir }: Folders): string {
  return join(runtimeDir, "test-window-1.sock");
}
