/** Closing the window: asks only when a program runs; shells at a prompt are simply kept. */
import { end, jobs } from "../../bus/contracts/terminal.ts";
import { counted } from "../state/words.ts";
import type { App } from "./app.ts";

/** How long the terminal may take to say what runs, milliseconds. The window closes by itself soon after. */
const JOBS_MS_MAX = 1_500;

interface Jobs {
  readonly jobs: ReadonlyArray<{ session: string; pid: number; command: string }>;
  readonly idleShells: number;
}

/** Asks where needed, then closes. A terminal that does not answer keeps its shells: that loses nothing. */
export async function requestClose(app: App): Promise<void> {
  const running = await app.connection
    .request(jobs, {}, { timeoutMs: JOBS_MS_MAX })
    .catch((): Jobs => ({ jobs: [], idleShells: 0 }));
  if (running.jobs.length > 0 && !app.settings.values().keepOnClose) {
    if (!(await decide(app, running))) return;
  } else if (running.idleShells > 0) tellKept(app, running.idleShells);
  app.host.closeWindow();
}

async function decide(app: App, running: Jobs): Promise<boolean> {
  const count = running.jobs.length;
  const verb = count === 1 ? "program is" : "programs are";
  const { value, checked } = await app.dialog.ask({
    title: `${count} ${verb} still running`,
    lines: running.jobs.map(({ command }) => command),
    check: "always keep",
    buttons: [
      { value: "cancel", label: "Cancel" },
      { value: "end", label: count === 1 ? "End it" : "End them" },
      { value: "keep", label: "Keep running", isDefault: true },
    ],
  });
  if (value === "cancel") return false;
  if (value === "keep" && checked) app.settings.put("keepOnClose", true);
  if (value === "end") {
    const ends = running.jobs.map(({ session }) =>
      app.connection.request(end, { session }, { timeoutMs: 3_000 }),
    );
    await Promise.allSettled(ends);
  }
  return true;
}

function tellKept(app: App, shells: number): void {
  const seen = "bulkhead.idle-kept-told";
  if (localStorage.getItem(seen) !== null) return;
  localStorage.setItem(seen, "1");
  app.host.notify(
    `${counted(shells, "idle shell")} kept.`,
    "They end after 24 h unused; `bulkhead quit --all` ends them now",
  );
}
