/** The words of a denial (ux.md section 6). Pure. */
import type { Denial } from "../../bus/contracts/file-guard.ts";

/** What of a denial is said at once. */
export interface DenialWords {
  /** `Denied: read .env`. */
  readonly title: string;
  /** `rule built-in/dotenv, asked by you in the explorer.` */
  readonly text: string;
}

/** Folders by which paths are shortened; empty where not known. */
export interface KnownFolders {
  readonly workspace: string;
  readonly home: string;
}

/** `where` is the view in which the person asked: `in the explorer`; empty for none. */
export function denialWords(denial: Denial, folders: KnownFolders, where: string): DenialWords {
  const end = denial.level === "fixed" ? " No setting lifts this rule." : "";
  return {
    title: `Denied: ${denial.op} ${shortened(denial.path, folders)}`,
    text: `rule ${denial.rule}, asked by ${askedBy(denial, where)}.${end}`,
  };
}

/** Rows of the explanation, each a name and a value. */
export function explanation(denial: Denial): ReadonlyArray<readonly [name: string, value: string]> {
  const level =
    denial.level === "fixed"
      ? "fixed: nothing lifts it"
      : "guarded: you can open it for yourself for 10 minutes";
  return [
    ["Why", denial.why],
    ["Rule", `${denial.rule}, ${level}`],
    ["From", denial.source],
    ["Real path", denial.path],
    ["Asked", `${denial.op} by process ${denial.actor}, for ${forWhom(denial.principal)}`],
  ];
}

/** `9:41` until then; `0:00` when it is over. */
export function timeLeft(untilMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.ceil((untilMs - nowMs) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** From the workspace on, else from the home folder as `~`. */
export function shortened(path: string, { workspace, home }: KnownFolders): string {
  if (workspace !== "" && path.startsWith(`${workspace}/`)) return path.slice(workspace.length + 1);
  if (home !== "" && path.startsWith(`${home}/`)) return `~${path.slice(home.length)}`;
  return path;
}

function askedBy({ principal, actor }: Denial, where: string): string {
  if (principal === "person") return where === "" ? "you" : `you ${where}`;
  if (principal === "agent") return "model";
  return principal.startsWith("mcp:") ? principal.replace(":", "/") : actor;
}

function forWhom(principal: string): string {
  if (principal === "person") return "you";
  return principal === "actor" ? "itself" : principal;
}
