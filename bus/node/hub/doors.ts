/** Where peers come in: the root by its inherited link, late attachers by `hub.sock`, pages by WebSocket. */
import { unlinkSync } from "node:fs";
import { join } from "node:path";
import type { AttachedLink, Broker, EdgeIdentity } from "../../broker/index.ts";
import { BusCode, isBusError } from "../../errors.ts";
import { PROTOCOL_VERSION, type WireError } from "../../protocol.ts";
import { ROOT_MANIFEST } from "../../supervision/children.ts";
import type { Transport } from "../../transport.ts";
import { type BrowserServer, startBrowserServer } from "../http/server.ts";
import { inheritedTransport, listenUnix, readToken, type UnixServer } from "../index.ts";
import type { HubLog } from "./hub-log.ts";
import type { HubOptions } from "./options.ts";

/** The listening socket of browser mode. */
const BROWSER_FD = 4;

/** The page, its assets and its WebSockets, in browser mode only. */
export async function startBrowser(
  options: HubOptions,
  log: HubLog,
  broker: Broker,
): Promise<BrowserServer | undefined> {
  if (options.mode !== "browser") return undefined;
  return await startBrowserServer({
    listen: { fd: BROWSER_FD },
    runtimeDir: options.runtimeDir,
    uiDir: join(options.home, "ui"),
    version: options.version,
    drill: options.drill !== undefined,
    // The path of the WebSocket was the proof; the server says hello for the page.
    onPage: (transport) =>
      letIn(broker, transport, {
        door: "browser",
        log,
        identity: {
          kind: "edge",
          name: "ui",
          hello: { protocol: PROTOCOL_VERSION, name: "ui", pid: 0 },
        },
      }),
    log: (line) => log.write("http", line),
  });
}

/**
 * Late attachers: the window for its pages, the command line.
 * @throws BusError when the token is missing or the path cannot be listened on.
 */
export async function listen(
  options: HubOptions,
  log: HubLog,
  broker: Broker,
): Promise<UnixServer> {
  const path = join(options.runtimeDir, "hub.sock");
  const token = await readToken(join(options.runtimeDir, "token"));
  // The root's lock says that no other hub of this instance lives: what lies there is stale.
  removeStale(path);
  return await listenUnix(path, (transport) =>
    letIn(broker, transport, { door: "hub.sock", log, identity: { kind: "edge", token } }),
  );
}

/** Who comes in by which door. */
interface Visit {
  readonly door: string;
  readonly identity: EdgeIdentity;
  readonly log: HubLog;
}

/** A full hub refuses the newcomer, in words in the log; the door itself never fails. */
function letIn(broker: Broker, transport: Transport, { door, identity, log }: Visit): void {
  const note = ({ code, message }: WireError): void => {
    if (code !== BusCode.closed) log.write("hub", `warn ${door}: ${message} (${code})`);
  };
  try {
    broker.attach(transport, identity, { onClosed: note });
  } catch (error) {
    note(isBusError(error) ? error.toWire() : { code: BusCode.internal, message: String(error) });
    transport.close();
  }
}

function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // There was none.
  }
}

/** Last of all: the root takes its `ready` for "the hub serves". The link is closed with the broker. */
export function attachRoot(
  options: HubOptions,
  broker: Broker,
  onRootLost: () => void,
): AttachedLink {
  broker.declareActor("root");
  return broker.attach(
    inheritedTransport(),
    { kind: "actor", name: "root", epoch: options.hubEpoch, manifest: ROOT_MANIFEST },
    { onAttached: () => broker.setActorState("root", "ready"), onClosed: onRootLost },
  );
}
