/** The message and the contract of the round-trip benchmarks, and the loop that keeps calls in flight. */
import { number, object, string } from "valibot";
import { method, stream } from "../../../bus/contracts/define.ts";

/** About 130 bytes in MessagePack and a little more in JSON. */
export function message(id: number): Message {
  return {
    id,
    session: "7f3a9c",
    cols: 120,
    rows: 40,
    text: "the quick brown fox jumps over the lazy dog and runs on",
  };
}

const Message = object({
  id: number(),
  session: string(),
  cols: number(),
  rows: number(),
  text: string(),
});
export interface Message {
  readonly id: number;
  readonly session: string;
  readonly cols: number;
  readonly rows: number;
  readonly text: string;
}

export const echo = method("server.echo", { input: Message, output: Message });
export const sink = stream("server.sink", { input: object({}), accept: object({}) });

/** Calls under way at any time. */
export const IN_FLIGHT = 256;
export const CHUNK_BYTES = 64 * 1024;

/** Round trips per second over `ms` milliseconds, after a warm-up of a quarter of that. */
export async function roundTrips(
  call: (id: number) => Promise<unknown>,
  ms: number,
): Promise<number> {
  await keepCalling(call, ms / 4);
  return keepCalling(call, ms);
}

async function keepCalling(call: (id: number) => Promise<unknown>, ms: number): Promise<number> {
  const startMs = performance.now();
  let done = 0;
  const worker = async (first: number): Promise<void> => {
    for (let id = first; performance.now() - startMs < ms; id += IN_FLIGHT) {
      await call(id);
      done++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, index) => worker(index)));
  return (done * 1_000) / (performance.now() - startMs);
}
