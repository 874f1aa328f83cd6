/** Who is left after a kill: nobody but the processes the hub lists and what runs in the shells. */
import { readdirSync, readFileSync } from "node:fs";
import { isAlive, nameOf, withVariable } from "../../window/harness/processes.ts";
import { processes, type Stage, sessions } from "./stage.ts";
import { eventually } from "./wait.ts";

/** What stays the same over a kill, in words: the keeper and the session's shell. */
export async function constants(stage: Stage, session: string): Promise<string> {
  const keeper = (await processes(stage)).find(({ kind }) => kind === "keeper");
  const shell = (await sessions(stage)).find(({ id }) => id === session);
  return `keeper ${keeper?.pid}, shell ${shell?.pid} ${shell?.state}`;
}

/** Waits until only known processes are left. @throws Error naming the strangers when they stay. */
export async function onlyKnownProcesses(stage: Stage): Promise<void> {
  let strangers: string[] = [];
  await eventually("only known processes are left", async () => {
    const known = await knownPids(stage);
    strangers = withVariable("XDG_RUNTIME_DIR", stage.folders.marker)
      .filter((pid) => isAlive(pid) && !known.has(pid))
      .map((pid) => `${pid} ${nameOf(pid)}`);
    return strangers.length === 0 || undefined;
  }).catch((error: unknown) => {
    throw new Error(`processes of no one: ${strangers.join(", ")}`, { cause: error });
  });
}

async function knownPids(stage: Stage): Promise<ReadonlySet<number>> {
  const known = new Set<number>();
  // What runs in a shell is the person's; WebKit's own processes belong to the window.
  const heads: number[] = [];
  for (const { pid, kind } of await processes(stage)) {
    if (pid !== null) known.add(pid);
    if (pid !== null && (kind === "shell" || kind === "window")) heads.push(pid);
  }
  for (const { pid } of await sessions(stage)) heads.push(pid);
  for (const pid of heads) for (const child of descendants(pid)) known.add(child);
  return known;
}

/** This process and what it has started, as far as it is not somebody else's child by now. */
export function descendants(
  root: number,
  isLeftOut: (pid: number) => boolean = () => false,
): number[] {
  const parents = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : undefined;
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)]);
  }
  const all = [root];
  for (const pid of all) all.push(...(parents.get(pid) ?? []).filter((one) => !isLeftOut(one)));
  return all;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
