/** Programs that print and are gone at once: the keeper gives every byte; node-pty is counted beside it. */
import { compareExits } from "../../bench/exits/index.ts";
import type { Soak } from "./soak.ts";

export const fastExits: Soak = {
  name: "fast-exits",
  what: "programs that print 20 KiB and end at once lose nothing",
  count: 1_000,
  unit: "commands",
  async run({ count, report }) {
    const { ours, theirs } = await compareExits(count);
    report(
      `${count} exits of 20 KiB: ${ours.lostBytes} bytes of ${ours.short} exits lost here, ` +
        `${theirs.lostBytes} bytes of ${theirs.short} exits by node-pty`,
    );
    return {
      figures: {
        lostBytes: ours.lostBytes,
        shortExits: ours.short,
        nodePtyLostBytes: theirs.lostBytes,
        nodePtyShortExits: theirs.short,
      },
      failures: ours.short === 0 ? [] : [`${ours.short} of ${count} exits gave less than 20 KiB`],
    };
  },
};
