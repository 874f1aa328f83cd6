/**
 * Lets a flood gather before the parser begins. xterm parses in a task of its own, a frame later; without the gate that
 * task runs before the chunks that came during the frame are taken from their queue, so that each frame of 20 ms shows
 * a single chunk. What comes alone, such as the echo of a key, goes through at once.
 *
 *   open --a big chunk, nothing unparsed--> held --next task--> passing --all parsed--> open
 */

/** A chunk from here on is the start of a flood. */
export const FLOOD_BYTES = 4 * 1024;

/** Hands bytes to a parser; `done` when it is through with them. */
export type Write = (bytes: Uint8Array, done: () => void) => void;

/** `write` behind a gate. `defer` runs a function in a later task, behind those that wait already. */
export function floodGate(write: Write, defer: (run: () => void) => void): Write {
  let unparsed = 0;
  let held: Array<() => void> = [];
  const release = (): void => {
    const all = held;
    held = [];
    for (const pass of all) pass();
  };
  return (bytes, done) => {
    const isFirst = unparsed === 0;
    unparsed += bytes.byteLength;
    const pass = (): void =>
      write(bytes, () => {
        unparsed -= bytes.byteLength;
        done();
      });
    if (held.length > 0) held.push(pass);
    else if (!isFirst || bytes.byteLength < FLOOD_BYTES) pass();
    else {
      held.push(pass);
      defer(release);
    }
  };
}

/** A task without the 4 ms that a browser lets nested timers wait. It has ports that are never closed: make one. */
export function taskQueue(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: Array<() => void> = [];
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(null);
  };
}
