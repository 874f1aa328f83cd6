/** Takes the stack of a process that does not answer, and kills it afterwards when that is due. */
import type { Child } from "./child.ts";
import type { Supervision } from "./supervision.ts";

/**
 * Captures once per silence. With `kill` "yes" the process is killed when the capture is over, at the
 * latest after the capture's own bound.
 */
export function killAfterStack(sup: Supervision, child: Child, kill: "yes" | "no"): void {
  const { process, epoch } = child;
  if (process === undefined) return;
  if (kill === "yes") child.killAfterCapture = true;
  if (child.capturing) return;
  if (child.stack !== "") {
    if (child.killAfterCapture) process.signal("SIGKILL", "group");
    return;
  }
  child.capturing = true;
  void sup.ports.captureStack(process, sup.timings.captureMs).then((stack) => {
    if (child.epoch !== epoch || child.process !== process) return;
    child.capturing = false;
    child.stack = stack;
    if (child.killAfterCapture) process.signal("SIGKILL", "group");
    sup.ports.changed();
  });
}
