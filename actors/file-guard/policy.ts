/** Keeps the rules in force equal to the policy files. The last good ones stay when a file is wrong. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isBusError } from "../../bus/errors.ts";
import type { ActorContext } from "../runtime/index.ts";
import type { NativeGuard } from "./native.ts";

/** Milliseconds between two looks at the files. */
const LOOK_MS = 3000;
const WORKSPACE_FILE = new TextEncoder().encode(".bulkhead/policy.json");

/** What there is to say of the rules. */
export interface PolicyFollower {
  says(): string;
}

/** Looks at both files until the actor stops. */
export function followPolicy(ctx: ActorContext, guard: NativeGuard): PolicyFollower {
  const { clock, log, env, stopping } = ctx;
  const own = join(env.configDir, "policy.json");
  const asker = { principal: "actor", actor: "file-guard" };
  let problem = "";
  let known: string | undefined;
  const look = async (): Promise<void> => {
    const mine = await stat(own).then(
      ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
      () => "none",
    );
    const theirs = await guard.ask({ op: "stat" }, asker, { path: WORKSPACE_FILE }).then(
      ({ value }) => JSON.stringify(value),
      (error: unknown) => (isBusError(error) ? error.code : "none"),
    );
    const now = `${mine}\n${theirs}`;
    if (known !== undefined && now !== known) reload();
    known = now;
  };
  const reload = (): void => {
    try {
      guard.reload();
      problem = "";
      log.info("policy read again");
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      log.error(`the rules in force stay: ${problem}`);
    }
  };
  const again = (): void => {
    if (stopping.aborted) return;
    void look().finally(() => clock.setTimer(LOOK_MS, again));
  };
  again();
  return {
    says: () =>
      problem === ""
        ? "The wall is up: every file is opened through the guard."
        : `The wall is up with the rules as they were; the policy cannot be used: ${problem}`,
  };
}
