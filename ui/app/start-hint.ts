/** The hint of the first sessions: shown three times, counted in the hub's state of this workspace. */
import { type Accessor, createSignal } from "solid-js";
import * as v from "valibot";
import { stateGet, statePut } from "../../bus/contracts/hub.ts";
import type { Connection } from "../bus.ts";

/** Sessions that show it. */
export const HINT_SESSIONS = 3;

const KEY = "hints";
/** Says that this tab or window has been counted; it lives as long as that. */
const COUNTED = "bulkhead.counted";
const Stored = v.object({ sessions: v.pipe(v.number(), v.integer(), v.minValue(0)) });

/** Whether to show it: false until the hub has told the count. `isReturn`: this page replaces a crashed one. */
export function createStartHint(
  connection: Connection,
  isReturn: "return" | "start",
): Accessor<boolean> {
  const [isShown, setShown] = createSignal(false);
  void count(connection, isReturn).then(
    (sessions) => setShown(sessions <= HINT_SESSIONS),
    () => undefined,
  );
  return isShown;
}

/** The number of this session, from 1. */
async function count(connection: Connection, isReturn: "return" | "start"): Promise<number> {
  const { value } = await connection.request(stateGet, { key: KEY });
  const stored = v.safeParse(Stored, value);
  const before = stored.success ? stored.output.sessions : 0;
  const isCounted = isReturn === "return" || sessionStorage.getItem(COUNTED) !== null;
  if (isCounted) return Math.max(1, before);
  sessionStorage.setItem(COUNTED, "yes");
  // One more than is shown says that it is over; a further count would only be written.
  if (before > HINT_SESSIONS) return before;
  await connection.request(statePut, { key: KEY, value: { sessions: before + 1 } });
  return before + 1;
}
