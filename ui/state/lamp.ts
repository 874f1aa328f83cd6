/** States of processes as a person reads them: one word, one shape, one colour (ux.md section 3). */
import type { ProcessRow, ProcessState } from "../../bus/contracts/hub.ts";

export type LampShape =
  | "ring"
  | "half"
  | "disc"
  | "triangle"
  | "bars"
  | "snowflake"
  | "arrow"
  | "square";
export type LampTone = "dim" | "accent" | "ok" | "warn" | "error";

export interface LampLook {
  readonly shape: LampShape;
  readonly tone: LampTone;
  readonly word: string;
}

/** Looks by machine state. */
export const LAMPS: Readonly<Record<ProcessState, LampLook>> = {
  dormant: { shape: "ring", tone: "dim", word: "idle" },
  starting: { shape: "half", tone: "accent", word: "starting" },
  stopping: { shape: "half", tone: "accent", word: "stopping" },
  ready: { shape: "disc", tone: "ok", word: "running" },
  unresponsive: { shape: "triangle", tone: "warn", word: "not answering" },
  suspended: { shape: "bars", tone: "accent", word: "paused by you" },
  frozen: { shape: "snowflake", tone: "accent", word: "frozen by you" },
  "backing-off": { shape: "arrow", tone: "warn", word: "restarting" },
  parked: { shape: "square", tone: "error", word: "stopped" },
};

/** The lamps of the status bar in their fixed order: what is shown, and the process behind it. */
export const LAMP_ORDER = [
  { label: "hub", process: "hub" },
  { label: "terminal", process: "terminal" },
  { label: "files", process: "file-guard" },
  { label: "editor", process: "editor-sync" },
  { label: "model", process: "model" },
  { label: "mcp", process: "mcp" },
  { label: "keeper", process: "keeper" },
] as const;

/** The word with what it says also: seconds, countdown, messages held. */
export function lampWord(row: ProcessRow, nowMs: number): string {
  const { word } = LAMPS[row.state];
  const seconds = Math.max(0, Math.floor((nowMs - row.sinceMs) / 1000));
  switch (row.state) {
    case "starting":
    case "stopping":
      return seconds >= 2 ? `${word} for ${seconds} s` : word;
    case "unresponsive":
      return `${word} for ${seconds} s`;
    case "suspended":
    case "frozen":
      return row.held > 0 ? `${word}, ${row.held} held` : word;
    case "backing-off":
      return row.retryAtMs === null ? word : `${word} in ${secondsUntil(row.retryAtMs, nowMs)} s`;
    case "parked":
      return row.reason === "" ? word : `${word}: ${row.reason}`;
    case "dormant":
      return `${word}, starts when needed`;
    case "ready":
      return word;
  }
}

/** Lines of a lamp's tooltip: state, pid, memory, restarts, last reason. */
export function lampTooltip(label: string, row: ProcessRow | undefined, nowMs: number): string {
  if (row === undefined) return `${label}: not known yet`;
  const parts = [`${label}: ${lampWord(row, nowMs)}`];
  if (row.pid !== null) parts.push(`pid ${row.pid}`);
  if (row.rssBytes !== null) parts.push(`${(row.rssBytes / 1048576).toFixed(0)} MB`);
  if (row.restarts > 0) parts.push(`${row.restarts} restarts`);
  if (row.reason !== "" && row.state !== "parked") parts.push(`last: ${row.reason}`);
  return parts.join("\n");
}

function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}
