/**
 * Text of input methods in WebKit. It takes what was composed out of the text area, ends the composition, and puts the
 * text in behind that (`insertFromComposition`); without a preedit (transliterations, dead keys) it even ends one that
 * never began. xterm guesses at such text from what the area holds some time after a key, and on quick keys sends it
 * twice or with all that came before. Here each piece is sent when it comes, and xterm finds nothing to guess at.
 */
import type { IDisposable, Terminal } from "@xterm/xterm";

/** Key code of a press that an input method took. */
const TAKEN = 229;
/** Chromium names WebKit too. */
const IS_WEBKIT = /AppleWebKit\/(?!.*Chrom)/u.test(navigator.userAgent);

/** Listens inside of the element that xterm was opened in. Dispose with it. */
export function composedText(terminal: Terminal, element: HTMLElement): IDisposable {
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
  element.addEventListener("input", (event) => takeText(event, terminal), listen);
  if (IS_WEBKIT) element.addEventListener("keydown", leaveOut, listen);
  return { dispose: () => stop.abort() };
}

function takeText(event: Event, terminal: Terminal): void {
  const area = event.target;
  if (!(event instanceof InputEvent) || event.inputType !== "insertFromComposition") return;
  if (!(area instanceof HTMLTextAreaElement) || event.data === null) return;
  event.stopPropagation();
  if (area.value.endsWith(event.data)) area.value = area.value.slice(0, -event.data.length);
  terminal.input(event.data);
}

/** xterm would compare the text area of now with that of a later moment. */
function leaveOut(event: KeyboardEvent): void {
  if (event.keyCode === TAKEN) event.stopPropagation();
}
