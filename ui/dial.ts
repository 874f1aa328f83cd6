/** Makes a link to the hub, by the way the document names: the window's bridge or one WebSocket. */
import { connectPeer } from "../bus/client.ts";
import type { Peer } from "../bus/peer.ts";
import { openBridge, openWebSocket } from "../bus/web/index.ts";
import type { Boot } from "./boot.ts";

/** The dialler of this page; window or server have said hello for it. */
export function dialler(boot: Boot): (signal: AbortSignal) => Promise<Peer> {
  return async (signal) => {
    const transport =
      boot.mode === "window"
        ? await openBridge({ key: boot.key, signal })
        : await openWebSocket({ url: busUrl(boot.key), signal });
    return connectPeer(transport, { helloSent: true });
  };
}

function busUrl(key: string): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}/s/${key}/bus`;
}
