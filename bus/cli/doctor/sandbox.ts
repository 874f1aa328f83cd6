/** What this kernel offers for the walls of actors and of foreign programs, asked of the launcher. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Surroundings } from "../surroundings.ts";
import { type Check, good, poor } from "./check.ts";
import { probe } from "./probe.ts";
import { homeFolder } from "./programs.ts";

const Parts = v.object({
  landlockAbi: v.number(),
  userNotify: v.boolean(),
  missing: v.array(v.string()),
});
const LANDLOCK_FIX = "a kernel from 6.12 on, booted with landlock among its lsm= modules";
const NOTIFY_FIX = "a kernel from 5.19 on, with seccomp filters";

/** Two rows: what confines actors, and what lets programs of the agent and MCP servers be started. */
export async function sandboxChecks(world: Surroundings): Promise<Check[]> {
  const launcher = join(homeFolder(world), "bin", "bulkhead-launch");
  const parts = existsSync(launcher) ? await askLauncher(launcher) : undefined;
  if (parts === undefined) {
    return [poor("landlock", "unknown: the launcher is not built or does not answer", "npm start")];
  }
  return [landlockCheck(parts), notifyCheck(parts)];
}

type KernelParts = v.InferOutput<typeof Parts>;

function landlockCheck({ landlockAbi, missing }: KernelParts): Check {
  if (missing.length === 0) return good("landlock", `ABI ${landlockAbi}`);
  const says = `actors have fewer walls and programs are refused, for lack of ${missing.join(", ")}`;
  return poor("landlock", says, LANDLOCK_FIX);
}

function notifyCheck({ userNotify }: KernelParts): Check {
  if (userNotify) return good("user-notify", "programs of the agent can be confined");
  return poor("user-notify", "missing: no program is started for the agent", NOTIFY_FIX);
}

async function askLauncher(launcher: string): Promise<KernelParts | undefined> {
  const { code, stdout } = await probe([launcher, "--probe"]);
  if (code !== 0) return undefined;
  try {
    const parsed = v.safeParse(Parts, JSON.parse(stdout));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
