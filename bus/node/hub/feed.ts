/** Publishes `hub.processes`: on every change, and once a second while somebody listens. */
import { processes } from "../../contracts/hub.ts";
import type { HubParts } from "./parts.ts";
import { processRows } from "./rows.ts";

/** Changes closer together than this become one event, milliseconds. */
const SETTLE_MS = 20;
const EVERY_MS = 1000;

/** A running feed. */
export interface ProcessFeed {
  /** Some row changed. */
  changed(): void;
  close(): void;
}

/** Starts the feed; without listeners it costs one look at a counter a second. */
export function startFeed(parts: HubParts): ProcessFeed {
  let settle: NodeJS.Timeout | undefined;
  const publish = (): void => {
    settle = undefined;
    parts.peer.publish(processes, { atMs: Date.now(), processes: processRows(parts) });
  };
  const every = setInterval(() => {
    if (parts.broker.subscriberCount(processes.subject) === 0) return;
    void parts.keeper.look().then(publish);
  }, EVERY_MS);
  return {
    changed() {
      settle ??= setTimeout(publish, SETTLE_MS);
    },
    close() {
      clearInterval(every);
      clearTimeout(settle);
    },
  };
}
