/** What the parts of the panel share. */
import { type Accessor, createContext, useContext } from "solid-js";
import type { MemoryHistory } from "../../state/processes-memory.ts";
import type { TrafficRow } from "../../state/traffic-row.ts";
import type { CrashList } from "./crash-list.ts";
import type { LiveTraffic } from "./live-traffic.ts";

export type DebugTab = "processes" | "traffic" | "crashes" | "audit";

export interface Debug {
  readonly traffic: LiveTraffic;
  readonly crashes: CrashList;
  readonly memory: MemoryHistory;
  /** Goes to Traffic with this filter; `last` selects the newest row it lists. */
  showTraffic(filter: string, select: "none" | "last"): Promise<void>;
  /** The selected row of Traffic. */
  readonly selectedRow: Accessor<TrafficRow | undefined>;
  selectRow(row: TrafficRow | undefined): void;
  setTab(tab: DebugTab): void;
}

export const DebugContext = createContext<Debug>();

/** @throws Error outside of the panel. */
export function useDebug(): Debug {
  const debug = useContext(DebugContext);
  if (debug === undefined) throw new Error("useDebug needs the debug panel above it");
  return debug;
}
