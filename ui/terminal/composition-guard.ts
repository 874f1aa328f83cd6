/**
 * Input methods that write without a preedit (transliterations, dead keys): WebKitGTK ends a composition for them that
 * never began. xterm has sent such text already when it saw the key and would send it again, with what came before.
 */
import type { IDisposable } from "@xterm/xterm";

/** Keeps ends without a beginning from what lies inside of the element. Dispose with it. */
export function compositionGuard(element: HTMLElement): IDisposable {
  const stop = new AbortController();
  const listen = { capture: true, signal: stop.signal } as const;
  let isComposing = false;
  const onStart = (): void => {
    isComposing = true;
  };
  const onEnd = (event: CompositionEvent): void => {
    if (!isComposing) event.stopPropagation();
    isComposing = false;
  };
  element.addEventListener("compositionstart", onStart, listen);
  element.addEventListener("compositionend", onEnd, listen);
  return { dispose: () => stop.abort() };
}
