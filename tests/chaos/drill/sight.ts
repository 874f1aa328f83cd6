/** What can be seen when a drill went wrong: words for its report. */
import type { Stage } from "./stage.ts";

/** Longest text of one part, characters. */
const PART_MAX = 400;

/** What the page shows; why that cannot be told where there is none. Never fails. */
export async function sightOf(stage: Stage): Promise<string> {
  try {
    return JSON.stringify(await stage.evaluate(look, PART_MAX));
  } catch (error) {
    return `no page: ${error instanceof Error ? error.message : String(error)}; ${stage.said()}`;
  }
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
