/** A key that is still held when a list closes types nothing into what gets the focus then. */

/** Until the key is up, or another one goes down, its repeats reach nobody. */
export function swallowRepeats({ code }: Pick<KeyboardEvent, "code">): void {
  const over = new AbortController();
  const options = { capture: true, signal: over.signal };
  const onDown = (event: KeyboardEvent): void => {
    if (event.code !== code || !event.repeat) return over.abort();
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const onUp = (event: KeyboardEvent): void => {
    if (event.code === code) over.abort();
  };
  window.addEventListener("keydown", onDown, options);
  window.addEventListener("keyup", onUp, options);
}
