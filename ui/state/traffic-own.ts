/** The panel's own traffic, which the list leaves out: what it asks to draw itself, not what a person does in it. */

const ASKED: ReadonlySet<string> = new Set([
  "hub.tap",
  "hub.processes",
  "hub.processes.list",
  "hub.processes.detail",
  "hub.processes.consequence",
  "hub.crashes.list",
  "hub.crashes.get",
  "hub.record.payload",
  "hub.record.stats",
]);

/** Whether a frame goes between the hub and the peer `own` only to draw the panel. */
export function isOwnTraffic(
  frame: { readonly source: string; readonly destination: string; readonly subject: string },
  own: string,
): boolean {
  if (own === "" || !ASKED.has(frame.subject)) return false;
  // An event of the hub that only the panels of other windows, or nobody, listens to ends in the hub.
  const isHubs = frame.source === "hub" && frame.destination === "hub";
  return isHubs || frame.source === own || frame.destination === own;
}
