/** What the hub tells an actor through its environment. Nothing here is secret. */

/** Folders and facts of the instance, read once at start. */
export interface ActorEnvironment {
  /** `R`: sockets and tokens, 0700. */
  readonly runtimeDir: string;
  /** `S`: state of the whole instance. An actor writes below its own `stateDir` only. */
  readonly instanceStateDir: string;
  readonly configDir: string;
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  readonly mode: "window" | "browser";
  /** Folder that holds `bin`, `node` and `ui`. */
  readonly home: string;
  /** Absolute path of the Node that runs this actor. */
  readonly node: string;
  readonly version: string;
  /** Whether this instance is a drill: shorter limits, never in a packaged build. */
  readonly drill: boolean;
  /** The variables as they came, for what a single actor needs beyond these. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the environment that the hub sets.
 * @throws Error naming the variable when one is missing or malformed.
 */
export function readActorEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): ActorEnvironment {
  const need = (name: string): string => {
    const value = variables[name];
    if (value === undefined || value === "") {
      throw new Error(`${name} is not set: actors are started by the hub, not by hand`);
    }
    return value;
  };
  const mode = need("BULKHEAD_MODE");
  if (mode !== "window" && mode !== "browser") {
    throw new Error(`BULKHEAD_MODE is "${mode}", expected "window" or "browser"`);
  }
  return {
    runtimeDir: need("BULKHEAD_RUNTIME_DIR"),
    instanceStateDir: need("BULKHEAD_STATE_DIR"),
    configDir: need("BULKHEAD_CONFIG_DIR"),
    workspace: need("BULKHEAD_WORKSPACE"),
    mode,
    home: need("BULKHEAD_HOME"),
    node: need("BULKHEAD_NODE"),
    version: need("BULKHEAD_VERSION"),
    drill: variables["BULKHEAD_DRILL"] === "1",
    variables,
  };
}
