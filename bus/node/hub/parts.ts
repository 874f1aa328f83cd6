/** What the files of the hub share: one object, made by `startHub`. */
import type { Broker } from "../../broker/index.ts";
import type { RootProcess } from "../../contracts/root.ts";
import type { Peer } from "../../peer.ts";
import type { Supervisor } from "../../supervision/supervisor.ts";
import type { BrowserServer } from "../http/server.ts";
import type { Confinement } from "./confinement.ts";
import type { CrashStore } from "./crash-store.ts";
import type { HubLog } from "./hub-log.ts";
import type { Keepers } from "./keepers.ts";
import type { NoticeBoard } from "./notices.ts";
import type { HubOptions } from "./options.ts";
import type { ProcessStats } from "./process-stats.ts";
import type { SavedFiles } from "./saved-files.ts";
import type { SettingsStore } from "./settings-store.ts";

/** The hub's own parts. Everything in it lives as long as the hub. */
export interface HubParts {
  readonly options: HubOptions;
  readonly log: HubLog;
  readonly broker: Broker;
  /** The hub as a peer of itself. */
  readonly peer: Peer;
  readonly supervisor: Supervisor;
  readonly stats: ProcessStats;
  readonly keeper: Keepers;
  readonly board: NoticeBoard;
  readonly crashes: CrashStore;
  readonly confinement: Confinement;
  readonly settings: SettingsStore;
  readonly files: SavedFiles;
  readonly browser: BrowserServer | undefined;
  readonly startedMs: number;
  /** What the root last published. */
  rootProcesses(): readonly RootProcess[];
  /** Delay of the hub's own event loop, milliseconds. */
  lagMs(): number;
}
