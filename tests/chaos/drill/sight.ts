/** What can be seen when a drill went wrong: words for its report. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stage } from "./stage.ts";

/** Longest text of one part, characters. */
const PART_MAX = 400;

/** Lines of the root's log. */
const LOG_LINES = 12;

/** What the page shows, or why that cannot be told, and the end of the root's log. Never fails. */
export async function sightOf(stage: Stage): Promise<string> {
  const page = await stage
    .evaluate(look, PART_MAX)
    .catch((error: unknown) => `no page: ${String(error)}; ${stage.said()}`);
  return `${JSON.stringify(page)}\n       ${logOf(stage).join("\n       ")}`;
}

function logOf({ folders }: Stage): readonly string[] {
  const states = join(folders.base, "state/bulkhead");
  const logs = existsSync(states)
    ? readdirSync(states).map((id) => join(states, id, "root.log"))
    : [];
  return logs
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, "utf8").trimEnd().split("\n").slice(-LOG_LINES));
}

/** Runs inside of the page. */
function look(most: number): Record<string, unknown> {
  const textsOf = (selector: string): string[] =>
    [...document.querySelectorAll<HTMLElement>(selector)].map(({ textContent }) =>
      textContent.slice(0, most),
    );
  const marksOf = (selector: string): string[] =>
    [...document.querySelectorAll<HTMLElement>(selector)].map(({ dataset, className }) =>
      [dataset["testid"] ?? className, dataset["path"] ?? ""].join(" ").trim(),
    );
  const { activeElement } = document;
  const focus = activeElement?.closest<HTMLElement>("[data-testid]")?.dataset["testid"];
  return {
    ageMs: Math.round(performance.now()),
    atMs: Date.now(),
    focus: `${activeElement?.tagName ?? "none"} in ${focus ?? "nothing"}`,
    hasKeys: document.hasFocus(),
    tabs: marksOf("[data-testid^=tab-]:not([data-testid=tab-dirty],[data-testid=tab-badge])"),
    editors: marksOf("[data-testid=editor]"),
    panels: textsOf(".dock-panel:not(:has(.xterm))"),
    overlay: textsOf("[data-testid=overlay]"),
    toasts: textsOf("[data-testid=toast]"),
    banners: textsOf(".banner, .view-failed"),
    status: textsOf("[data-testid=status-bar]"),
  };
}
