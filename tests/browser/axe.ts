/** axe-core in a page of a test. */
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** Once per page, before `violations`. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(createRequire(import.meta.url)("axe-core").source);
}

/** Rule, target and message of each violation. */
export function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const axe = Reflect.get(window, "axe");
    const { violations: found } = await axe.run(document, { resultTypes: ["violations"] });
    return found.flatMap(
      (rule: { id: string; nodes: Array<{ target: string[]; failureSummary: string }> }) =>
        rule.nodes.map(
          (node) =>
            `${rule.id}: ${node.target.join(" ")} ${node.failureSummary.split("\n")[1] ?? ""}`,
        ),
    );
  });
}
