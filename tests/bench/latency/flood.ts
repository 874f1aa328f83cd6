/** Run in a terminal: `yes` beside a program that notes when Ctrl+C reaches it. The argument names the note. */
import { spawn } from "node:child_process";
import { renameSync, writeFileSync, writeSync } from "node:fs";

const [note = "/dev/null"] = process.argv.slice(2);
/** Nobody presses the key any more, milliseconds. */
const WAIT_MS = 60_000;

// Before the flood: the key comes as soon as it is seen, and without the handler it would end this program.
const interrupted = new Promise<void>((resolve) => {
  process.on("SIGINT", () => {
    writeFileSync(`${note}.part`, `${performance.timeOrigin + performance.now()}`);
    renameSync(`${note}.part`, note);
    resolve();
  });
});
const yes = spawn("yes", [], { stdio: ["ignore", "inherit", "ignore"] });
// The end of `yes` may be told before the signal that ended it: a timer holds the program until then.
const limit = setTimeout(() => yes.kill(), WAIT_MS);
await Promise.all([interrupted, new Promise((resolve) => yes.once("exit", resolve))]);
clearTimeout(limit);
// The prompt comes on a row of its own.
writeSync(1, "\n");
process.exit();
