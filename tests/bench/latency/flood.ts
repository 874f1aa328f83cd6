/** Run in a terminal: `yes` beside a program that notes when Ctrl+C reaches it. The argument names the note. */
import { spawn } from "node:child_process";
import { renameSync, writeFileSync, writeSync } from "node:fs";

const [note = "/dev/null"] = process.argv.slice(2);
const yes = spawn("yes", [], { stdio: ["ignore", "inherit", "ignore"] });
const interrupted = new Promise<void>((resolve) => {
  process.on("SIGINT", () => {
    writeFileSync(`${note}.part`, `${performance.timeOrigin + performance.now()}`);
    renameSync(`${note}.part`, note);
    resolve();
  });
});
// The end of `yes` may be told before the signal that ended it.
await Promise.all([interrupted, new Promise((resolve) => yes.once("exit", resolve))]);
// The prompt comes on a row of its own.
writeSync(1, "\n");
process.exit();
