/** What the root tells the hub through its environment. Read once, checked whole. */
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** Facts of this instance. */
export interface HubOptions {
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly configDir: string;
  readonly workspace: string;
  readonly mode: "window" | "browser";
  readonly home: string;
  readonly node: string;
  readonly version: string;
  readonly rootPid: number;
  /** Counts the hubs of this root from 1. */
  readonly hubEpoch: number;
  /** Shorter limits and kills that do not count. Never in a packaged build. */
  readonly drill: DrillOptions | undefined;
  /** Environment of every actor. */
  readonly childEnv: Readonly<Record<string, string>>;
}

/** Only for drills and tests. */
export interface DrillOptions {
  /** JSON file that replaces times and adds or replaces processes; empty for none. */
  readonly file: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the environment.
 * @throws Error naming the first variable that is missing or malformed, with its value.
 */
export function readHubOptions(variables: Variables): HubOptions {
  const need = (name: string): string => {
    const value = variables[name];
    if (value === undefined || value === "")
      throw new Error(`${name} is not set: the hub is started by the root`);
    return value;
  };
  const folder = (name: string): string => {
    const path = need(name);
    if (!isAbsolute(path)) throw new Error(`${name} is "${path}", expected an absolute path`);
    return path;
  };
  const count = (name: string, fallback: number): number => {
    const value = variables[name] === undefined ? fallback : Number(variables[name]);
    if (!Number.isInteger(value) || value < 1) {
      throw new Error(`${name} is "${variables[name]}", expected a whole number from 1`);
    }
    return value;
  };
  const mode = need("BULKHEAD_MODE");
  if (mode !== "window" && mode !== "browser") {
    throw new Error(`BULKHEAD_MODE is "${mode}", expected "window" or "browser"`);
  }
  const home = folder("BULKHEAD_HOME");
  return {
    runtimeDir: folder("BULKHEAD_RUNTIME_DIR"),
    stateDir: folder("BULKHEAD_STATE_DIR"),
    configDir: folder("BULKHEAD_CONFIG_DIR"),
    workspace: folder("BULKHEAD_WORKSPACE"),
    mode,
    home,
    node: folder("BULKHEAD_NODE"),
    version: need("BULKHEAD_VERSION"),
    rootPid: count("BULKHEAD_ROOT_PID", 1),
    hubEpoch: count("BULKHEAD_HUB_EPOCH", 1),
    drill: drillOptions(variables, home),
    childEnv: passOn(variables),
  };
}

function drillOptions(variables: Variables, home: string): DrillOptions | undefined {
  if (variables["BULKHEAD_DRILL"] !== "1") return undefined;
  if (!isCheckout(home)) throw new Error("BULKHEAD_DRILL=1 is refused in a packaged build");
  return { file: variables["BULKHEAD_DRILL_FILE"] ?? "" };
}

/** A checkout has our package.json above `dist`; a package has only bin, node and ui. */
function isCheckout(home: string): boolean {
  try {
    const text = readFileSync(join(home, "..", "package.json"), "utf8");
    return (JSON.parse(text) as { name?: unknown }).name === "bulkhead";
  } catch {
    return false;
  }
}

function passOn(variables: Variables): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    // Options for Node meant for the hub alone, such as --inspect, would collide in every actor.
    if (value !== undefined && name !== "NODE_OPTIONS") passed[name] = value;
  }
  return passed;
}
