/** A real hub in browser mode on a loopback port of its own. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HubUnderTest } from "../../system/hub-harness.ts";
import { hubToAttack } from "./hub-under-attack.ts";

/** The hub with what a good visitor knows. */
export interface BrowserHub {
  readonly hub: HubUnderTest;
  readonly port: number;
  /** 64 hex digits. */
  readonly key: string;
  /** The address that works once, as hex digits. */
  readonly token: string;
}

/** Starts one; end its hub whatever happens. */
export async function startBrowserHub(): Promise<BrowserHub> {
  const listener = createServer();
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  const dir = mkdtempSync(join(tmpdir(), "bh-"));
  mkdirSync(join(dir, "r"), { mode: 0o700 });
  const [key, token] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
  writeFileSync(join(dir, "r", "session.key"), key, { mode: 0o600 });
  writeFileSync(join(dir, "r", "serve.token"), token, { mode: 0o600 });
  const hub = await hubToAttack({ dir, mode: "browser", listener: { fd: fdOf(listener) } });
  // Node would accept on its own copy as well; the hub's copy stays open.
  listener.close();
  return { hub, port: address.port, key, token };
}

/** Node has no public way to the descriptor of a listening socket. */
function fdOf(server: Server): number {
  const handle: unknown = Reflect.get(server, "_handle");
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : 0;
  if (typeof fd === "number" && fd > 2) return fd;
  throw new Error("the listening socket has no descriptor");
}
