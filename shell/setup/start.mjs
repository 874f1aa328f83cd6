/** `npm start [-- DIR]`: sets up what is missing, builds what has changed, opens the window or serves a browser. */
import { join } from "node:path";
import { become } from "./become.mjs";
import { build } from "./build.mjs";
import { dist } from "./paths.mjs";
import { prepare } from "./prepare.mjs";
import { say, script } from "./run.mjs";

await script(async () => {
  await prepare("run");
  await build();
  const bulkhead = join(dist, "bin", "bulkhead");
  const given = process.argv.slice(2);
  const what = given.length > 0 ? given : ["."];
  const cwd = process.env.INIT_CWD || process.cwd();
  const hasDisplay = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!hasDisplay)
    say("no display here (DISPLAY and WAYLAND_DISPLAY are empty): serving a browser");
  become([bulkhead, hasDisplay ? "open" : "serve", ...what], { cwd });
});
