/** `bulkhead doctor`: what is here and missing, each with its fix. Works without a running instance. */
import { hub } from "../../contracts/index.ts";
import type { Invocation } from "../arguments.ts";
import { type Check, good, poor } from "../doctor/check.ts";
import { machineChecks } from "../doctor/machine.ts";
import { programChecks } from "../doctor/programs.ts";
import { CommandError, Exit, explainFailure } from "../exit.ts";
import { toJsonLine } from "../json.ts";
import { openSession } from "../session.ts";
import type { Surroundings } from "../surroundings.ts";

/** Checks of the hub that say again what this process has found by itself. */
const CHECKED_HERE = new Set(["Node", "runtime folder", "installed files", "bwrap", "sandbox"]);

/** Prints every check. Exit 1 when one of them is an error. */
export async function doctor(from: Invocation, world: Surroundings): Promise<Exit> {
  const own = [...(await programChecks(world)), ...(await machineChecks(world, from.runtimeDir))];
  const asked = await instanceChecks(from, world);
  const all = [...own, ...asked.filter(({ name }) => !CHECKED_HERE.has(name))];
  for (const line of from.json ? all.map(toJsonLine) : textLines(all)) world.out(line);
  return all.some((check) => check.level === "error") ? Exit.failed : Exit.done;
}

/** What the running instance says of itself; that none runs is no fault. */
async function instanceChecks(from: Invocation, world: Surroundings): Promise<Check[]> {
  try {
    const session = await openSession(from, world);
    try {
      const { checks } = await session.peer.request(hub.doctor, {}, session.callOptions);
      return [good("instance", `running in ${session.runtimeDir}`), ...checks];
    } finally {
      session.peer.close();
    }
  } catch (error) {
    if (error instanceof CommandError && error.exit === Exit.nothingRunning) {
      return [good("instance", "none is running for this folder")];
    }
    return [poor("instance", `does not answer: ${explainFailure(error).message}`, "bulkhead ps")];
  }
}

function textLines(checks: readonly Check[]): string[] {
  const width = checks.reduce((most, { name }) => Math.max(most, name.length), 0);
  return checks.flatMap(({ name, level, says, fix }) => {
    const line = `${level.padEnd(5)}  ${name.padEnd(width)}  ${says}`;
    return fix === "" ? [line] : [line, `${" ".repeat(width + 9)}fix: ${fix}`];
  });
}
