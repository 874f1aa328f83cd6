/** Goes over to what was installed meanwhile. The root restarts hub and window; a page in a browser loads itself anew. */
import { createEffect, createRoot } from "solid-js";
import { reload } from "../../bus/contracts/hub.ts";
import type { App } from "./app.ts";
import { messageOf } from "./settings-store.ts";

/** How long the hub may take to hand it on, milliseconds. */
const RELOAD_MS_MAX = 10_000;

/** Resolves when it is under way, or was refused with a toast. */
export async function reloadInstalled(app: App): Promise<void> {
  const before = app.connection.ready()?.hubEpoch;
  try {
    await app.connection.request(reload, {}, { timeoutMs: RELOAD_MS_MAX });
  } catch (error) {
    app.toasts.show({
      tag: "reload",
      level: "error",
      title: "Not reloaded.",
      text: messageOf(error),
      actions: [{ label: "Try again", run: () => void reloadInstalled(app) }],
    });
    return;
  }
  if (app.host.mode === "browser") onNextHub(app, before, () => app.host.reload());
}

/** The page lies with the hub: only the next one has the new page. */
function onNextHub(app: App, before: number | undefined, run: () => void): void {
  createRoot((dispose) => {
    createEffect(() => {
      const isNext = app.connection.ready()?.hubEpoch !== before;
      if (app.connection.state() !== "live" || !isNext) return;
      dispose();
      run();
    });
  });
}
