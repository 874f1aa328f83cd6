/** Begins a workload. */
import type { Scene } from "../workload.ts";

/** Output that is looked at for the sign, bytes. */
const LOOKED_BYTES = 16_384;

/** Runs a line at the prompt and waits until its output, behind the echo of the line, shows the sign. */
export async function start({ seat }: Scene, line: string, sign: string): Promise<void> {
  const from = seat.log.size;
  await seat.run(line);
  await seat.written(`"${sign}" by ${line}`, () =>
    seat.log
      .text(from, from + LOOKED_BYTES)
      .slice(line.length)
      .includes(sign),
  );
}
