/** Tab titles and badges of terminals (ux.md section 5). */
import type { Session } from "../../bus/contracts/terminal.ts";
import { baseName } from "./words.ts";

/** `none` while nothing is to say. */
export type Badge =
  | { readonly kind: "none" }
  | { readonly kind: "running" }
  | { readonly kind: "ended-well" }
  | { readonly kind: "ended-badly"; readonly code: string }
  | { readonly kind: "bell"; readonly says: string };

/** A command shows as running after this, milliseconds. */
export const RUNNING_SHOWN_MS = 2_000;

/** What a view remembers: start of the last command whose end the person has seen. */
export interface Seen {
  readonly commandStartedMs: number;
}

/** The badge of a session's tab. `seen` is undefined until the tab had the focus once. */
export function badgeOf(session: Session, seen: Seen | undefined, nowMs: number): Badge {
  const { attention, command, exit } = session;
  if (attention.notice !== null) return { kind: "bell", says: attention.notice };
  if (attention.bells > 0) return { kind: "bell", says: "bell" };
  if (exit !== null) return ended(exit.code, exit.signal);
  if (command === null) return { kind: "none" };
  if (command.state === "running") {
    return nowMs - command.startedMs >= RUNNING_SHOWN_MS ? { kind: "running" } : { kind: "none" };
  }
  const wasLong = (command.durationMs ?? 0) >= RUNNING_SHOWN_MS;
  if (!wasLong || seen?.commandStartedMs === command.startedMs) return { kind: "none" };
  return ended(command.exitCode, null);
}

/** What a tab says: the person's name, else the running command, else the program's title, else the shell. */
export function titleOf(session: Session): string {
  if (session.name !== "") return session.name;
  if (session.command?.state === "running" && session.command.command !== "") {
    return firstLine(session.command.command);
  }
  if (session.title !== "") return session.title;
  return session.cwd === "" ? session.shell : `${session.shell} - ${baseName(session.cwd)}`;
}

/** Words for assistive technology and the tooltip. */
export function badgeWords(badge: Badge): string {
  switch (badge.kind) {
    case "none":
      return "";
    case "running":
      return "running";
    case "ended-well":
      return "ended well";
    case "ended-badly":
      return `ended with ${badge.code}`;
    case "bell":
      return badge.says === "bell" ? "bell" : `notice: ${badge.says}`;
  }
}

function ended(code: number | null, signal: string | null): Badge {
  if (signal !== null) return { kind: "ended-badly", code: signal };
  return code === 0 || code === null
    ? { kind: "ended-well" }
    : { kind: "ended-badly", code: String(code) };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
