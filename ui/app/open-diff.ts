/** Opens a change; of a file that a rule closes its card. */
import type { Change } from "../../bus/contracts/git.ts";
import type { App } from "./app.ts";

export function openDiff(app: App, change: Change): void {
  const open = (): void => app.dock()?.openDiff(change);
  if (change.closed === undefined) return open();
  app.denials.explain(change.path, "in Changes", open);
}
