/** Whether a view that has just come may take the keys. */
import type { DockviewPanelApi } from "dockview-core";
import type { App } from "../../app/app.ts";

/** Its tab is in front, and was opened to work in it rather than to look at it. */
export function takesKeys(app: App, api: DockviewPanelApi): boolean {
  return api.isActive && api.isGroupActive && app.dock()?.isPreview(api.id) !== true;
}
