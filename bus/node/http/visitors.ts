/**
 * Connections that have not shown a secret yet. Everybody on this machine can open one, so a crowd of them must not keep
 * out the page: past the bound the oldest is closed for the newest.
 */
import type { Socket } from "node:net";

/** Such connections at once; a browser opens about six. */
export const VISITORS_MAX = 64;

/** The connections of one server. */
export interface Visitors {
  /** A connection came; past VISITORS_MAX the oldest that waits is destroyed. */
  arrive(socket: Socket): void;
  /** It has shown a secret: it is no visitor any more. */
  letIn(socket: Socket): void;
}

/** None yet. */
export function createVisitors(): Visitors {
  const waiting = new Set<Socket>();
  return {
    arrive(socket) {
      const [oldest] = waiting;
      if (oldest !== undefined && waiting.size >= VISITORS_MAX) {
        waiting.delete(oldest);
        oldest.destroy();
      }
      waiting.add(socket);
      socket.once("close", () => waiting.delete(socket));
    },
    letIn: (socket) => void waiting.delete(socket),
  };
}
