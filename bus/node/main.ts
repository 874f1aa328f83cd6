/** The hub process: reads what the root says, starts the hub, ends with it. */
import { join } from "node:path";
import { giveBackLater } from "./give-back.ts";
import { hubCrash } from "./hub/crash-report.ts";
import { openCrashStore } from "./hub/crash-store.ts";
import { type Hub, startHub } from "./hub/hub.ts";
import { openHubLog } from "./hub/hub-log.ts";
import { killLeftovers } from "./hub/leftovers.ts";
import { type HubOptions, readHubOptions } from "./hub/options.ts";

/** An internal error: the root starts a new hub. */
const EXIT_BROKEN = 70;
/** It could not begin to serve. */
const EXIT_NO_START = 1;

function main(): void {
  const options = readOptions();
  const log = openHubLog(join(options.stateDir, "hub.log"), () => new Date());
  // None of ours runs yet: what a killed hub's actors had started is all that can be there.
  const left = killLeftovers(options.runtimeDir);
  if (left.length > 0) log.write("hub", `warn the last hub left processes ${left.join(", ")}`);
  let hub: Hub | undefined;
  let ending = false;
  process.on("uncaughtException", (error, origin) => {
    // The root keeps the last lines of stderr for its own report.
    process.stderr.write(`hub ${origin}: ${describe(error)}\n`);
    log.write("hub", `error ${origin}: ${describe(error)}`);
    openCrashStore(join(options.stateDir, "crashes")).add(
      hubCrash(error, options.hubEpoch, Date.now()),
    );
    hub?.abandon();
    process.exit(EXIT_BROKEN);
  });
  const stop = (reason: string): void => {
    if (ending) return;
    ending = true;
    void (hub?.stop(reason) ?? Promise.resolve()).then(() => process.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => stop(`the hub got ${signal}`));
  }
  const rootLost = (): void => {
    if (ending) return;
    log.write("hub", "warn the root is gone: everything ends");
    hub?.abandon();
    process.exit(0);
  };
  startHub(options, log, rootLost).then(
    (started) => {
      hub = started;
      giveBackLater();
    },
    (error: unknown) => {
      process.stderr.write(`hub: ${describe(error)}\n`);
      log.write("hub", `error cannot start: ${describe(error)}`);
      process.exit(EXIT_NO_START);
    },
  );
}

function readOptions(): HubOptions {
  try {
    return readHubOptions(process.env);
  } catch (error) {
    process.stderr.write(`hub: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_NO_START);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main();
