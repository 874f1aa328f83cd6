/** Which banner a view shows: one at a time, the worst wins (ux.md sections 1 and 6). */
import type { ProcessRow } from "../../bus/contracts/hub.ts";
import type { LinkState } from "../bus.ts";
import { LAMP_ORDER } from "./lamp.ts";
import { counted } from "./words.ts";

export type BannerTone = "error" | "warn" | "info";

export interface Banner {
  readonly tone: BannerTone;
  readonly title: string;
  readonly text: string;
  /** Acts by what they do; the view turns them into buttons. */
  readonly acts: ReadonlyArray<"retry" | "resume" | "details" | "try-now" | "open-policy">;
  /** The file that "open-policy" opens. */
  readonly file?: { readonly path: string; readonly line: number };
}

/** The link is away this long before the window says so, milliseconds. */
export const AWAY_SHOWN_MS = 400;
/** From then on attempts are told, milliseconds. */
export const AWAY_ATTEMPTS_MS = 5_000;

/** The banner of a view that depends on this process, if there is something to say. */
export function processBanner(row: ProcessRow | undefined, nowMs: number): Banner | undefined {
  if (row === undefined) return undefined;
  const name = LAMP_ORDER.find(({ process }) => process === row.name)?.label ?? row.name;
  switch (row.state) {
    case "parked":
      if (row.name === "file-guard") {
        const closed = policyBanner(row.reason);
        if (closed !== undefined) return closed;
      }
      return { tone: "error", ...parkedWords(row, name), acts: ["retry", "details"] };
    case "suspended":
    case "frozen":
      return {
        tone: "info",
        title: `${name} is ${row.state === "frozen" ? "frozen" : "paused"} by you.`,
        text: row.held > 0 ? `${counted(row.held, "message")} held.` : "",
        acts: ["resume"],
      };
    case "unresponsive":
      return {
        tone: "warn",
        title: `${name} is not answering for ${Math.floor((nowMs - row.sinceMs) / 1000)} s.`,
        text: "",
        acts: ["details"],
      };
    case "dormant":
    case "starting":
    case "ready":
    case "stopping":
    case "backing-off":
      return undefined;
  }
}

/** How the link to the hub stands. */
export interface LinkStanding {
  readonly state: LinkState;
  readonly sinceMs: number;
  readonly attempts: number;
  readonly nextAttemptAtMs: number | null;
}

/** The banner across the window while the hub is away. */
export function linkBanner(link: LinkStanding, nowMs: number): Banner | undefined {
  const awayMs = nowMs - link.sinceMs;
  if (link.state === "live" || awayMs < AWAY_SHOWN_MS) return undefined;
  const title = link.state === "connecting" ? "Connecting." : "Reconnecting.";
  if (awayMs < AWAY_ATTEMPTS_MS)
    return { tone: "warn", title, text: "Shells keep running.", acts: [] };
  const wait = link.nextAttemptAtMs === null ? 0 : Math.max(0, link.nextAttemptAtMs - nowMs);
  const text = `Shells keep running. Attempt ${link.attempts}, next in ${Math.ceil(wait / 1000)} s.`;
  return { tone: "warn", title, text, acts: ["try-now", "details"] };
}

const TONES: readonly BannerTone[] = ["info", "warn", "error"];

/** The worst of several, and how many more there are. */
export function worstBanner(
  banners: readonly Banner[],
): { banner: Banner; more: number } | undefined {
  const sorted = [...banners].sort((a, b) => TONES.indexOf(b.tone) - TONES.indexOf(a.tone));
  const banner = sorted[0];
  return banner === undefined ? undefined : { banner, more: sorted.length - 1 };
}

/** A policy that cannot be honoured whole keeps all files closed: which file, which line, what is wrong there. */
function policyBanner(reason: string): Banner | undefined {
  const fault = /(\/\S.*policy\.json):(\d+):\d+: (.*)$/s.exec(reason);
  if (fault === null) return undefined;
  const [, path = "", line = "1", says = ""] = fault;
  return {
    tone: "error",
    title: `Files are closed: policy.json line ${line}, ${says.replace(/\.$/, "")}.`,
    text: "",
    acts: ["open-policy", "retry"],
    file: { path, line: Number(line) },
  };
}

/** "model stopped: 6 crashes in 30 s." and what the last end was. */
function parkedWords(row: ProcessRow, name: string): { title: string; text: string } {
  const { why, reason } = row;
  if (why === "" || why === reason) {
    return { title: reason === "" ? `${name} stopped.` : `${name} stopped: ${reason}.`, text: "" };
  }
  return { title: `${name} stopped: ${why}.`, text: reason === "" ? "" : `${reason}.` };
}
