/** Where peers come in: the root by its inherited link, late attachers by `hub.sock`, pages by WebSocket. */
import { unlinkSync } from "node:fs";
import { join } from "node:path";
import type { AttachedLink, Broker } from "../../broker/index.ts";
import { PROTOCOL_VERSION } from "../../protocol.ts";
import { ROOT_MANIFEST } from "../../supervision/children.ts";
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
    // The path of the WebSocket was the proof; the server says hello for the page.
    onPage: (transport) =>
      void broker.attach(transport, {
        kind: "edge",
        name: "ui",
        hello: { protocol: PROTOCOL_VERSION, name: "ui", pid: 0 },
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
  return await listenUnix(path, (transport) => {
    const refused = (message: string): void => log.write("hub", `warn hub.sock: ${message}`);
    broker.attach(
      transport,
      { kind: "edge", token },
      {
        onClosed: (reason) => (reason.code === "bus/closed" ? undefined : refused(reason.message)),
      },
    );
  });
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
