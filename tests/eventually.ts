/** Waiting in tests: always for a condition, always with an end. */

/** Longest wait for any condition, milliseconds: much longer than a machine with other work needs. */
const WAIT_MS = 45_000;
/** Between two looks, milliseconds. */
const LOOK_MS = 20;

/** Asks until the answer is not undefined. @throws Error with the words after 45 s. */
export async function eventually<T>(
  words: string,
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const untilMs = performance.now() + WAIT_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > untilMs) throw new Error(`waited ${WAIT_MS} ms in vain: ${words}`);
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
  }
}
