/** The settings of this actor, as the hub tells them. */

import type { Clock } from "../../bus/clock.ts";
import { settings } from "../../bus/contracts/hub.ts";
import type { Peer } from "../../bus/peer.ts";

/** The last good values. */
export interface TerminalSettings {
  readonly integration: "on" | "off";
  readonly backend: "keeper" | "node-pty";
}

/** Values until the hub has told any. */
export const DEFAULT_SETTINGS: TerminalSettings = { integration: "on", backend: "keeper" };

/** How long the start waits for the first settings, milliseconds; the defaults hold after it. */
const FIRST_MS = 250;

/** Settings that follow the hub. */
export interface FollowedSettings {
  current: TerminalSettings;
  /** Settles when the hub has told the settings, or after FIRST_MS. */
  readonly first: Promise<void>;
}

/** Subscribes to the hub's settings for the life of the peer. */
export function followSettings(peer: Peer, clock: Clock): FollowedSettings {
  const { promise, resolve } = Promise.withResolvers<void>();
  const followed = { current: DEFAULT_SETTINGS, first: promise };
  peer.subscribe(settings, ({ values }) => {
    followed.current = readSettings(values);
    resolve();
  });
  clock.setTimer(FIRST_MS, resolve);
  return followed;
}

/** The actor's settings among all; what is no valid value counts as absent. */
export function readSettings(values: Readonly<Record<string, unknown>>): TerminalSettings {
  return {
    integration: values["terminal.shellIntegration"] === false ? "off" : "on",
    backend: values["terminal.backend"] === "node-pty" ? "node-pty" : "keeper",
  };
}
