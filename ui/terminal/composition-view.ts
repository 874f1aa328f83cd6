/** What an input method composes, drawn at the cursor in xterm's own element for it. */
import type { Terminal } from "@xterm/xterm";

export interface CompositionView {
  /** Undefined takes it away. */
  show(text: string | undefined): void;
  /** Puts it to the cursor of now. */
  place(): void;
}

/** Draws inside of the element that xterm was opened in, and ends with it. */
export function compositionView(terminal: Terminal, element: HTMLElement): CompositionView {
  const view = element.querySelector<HTMLElement>(".composition-view");
  const screen = element.querySelector<HTMLElement>(".xterm-screen");
  if (view === null || screen === null) return { show: () => undefined, place: () => undefined };
  const isShown = (): boolean => view.classList.contains("active");
  const place = (): void => {
    if (isShown()) placeAtCursor(terminal, view, screen);
  };
  return {
    place,
    show(text) {
      view.textContent = text ?? "";
      view.classList.toggle("active", text !== undefined);
      place();
    },
  };
}

function placeAtCursor(terminal: Terminal, view: HTMLElement, screen: HTMLElement): void {
  const { cursorX, cursorY, baseY, viewportY } = terminal.buffer.active;
  const row = baseY + cursorY - viewportY;
  if (row >= terminal.rows) return;
  const width = screen.clientWidth / terminal.cols;
  const height = screen.clientHeight / terminal.rows;
  const place = {
    left: `${Math.min(cursorX, terminal.cols - 1) * width}px`,
    top: `${row * height}px`,
    lineHeight: `${height}px`,
  };
  const { fontFamily, fontSize } = terminal.options;
  Object.assign(view.style, place, {
    height: `${height}px`,
    fontFamily,
    fontSize: `${fontSize}px`,
  });
  // The input method puts its candidates beside the text area.
  const area = terminal.textarea;
  if (area === undefined) return;
  Object.assign(area.style, place, {
    width: `${Math.max(view.offsetWidth, 1)}px`,
    height: `${height}px`,
  });
}
