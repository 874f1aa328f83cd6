/** Numbered lines as fast as they go. */
import type { Scene, Workload } from "../workload.ts";

/** 12 digits and a line end, twice what the ring and the windows hold together. */
const LINES = 200_000;

export const numbered: Workload = {
  name: "numbered",
  spanMs: 900,
  hasScreen: true,
  async begin({ seat, number }) {
    const from = seat.log.size;
    const first = number * 1_000_000;
    await seat.run(`seq -f %012.0f ${first} ${first + LINES - 1}`);
    await seat.written("the first number", () => seat.log.size > from + 1_000);
  },
  async finish({ seat }: Scene) {
    await seat.atPrompt();
  },
};
