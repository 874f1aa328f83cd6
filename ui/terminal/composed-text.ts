/**
 * Text of input methods. xterm guesses it from what its text area holds some time after a key: on quick keys, or while
 * the page is busy, it sends a text twice, or with all that came before. Here the events alone decide. Each piece is
 * sent once, at the event that brings it, and xterm sees neither the events nor the keys that an input method took.
 *
 * Chromium brings the text with the end of a composition. WebKit ends the composition first and puts the text in behind
 * that (`insertFromComposition`); without a preedit (transliterations, dead keys) it even ends one that never began.
 */
import type { IDisposable, Terminal } from "@xterm/xterm";
import { type CompositionView, compositionView } from "./composition-view.ts";

/** Key code of a press that an input method took. */
const TAKEN = 229;
/** Keys that end no composition: the modifiers and their locks. */
const SILENT = ["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "NumLock"];
/** Chromium names WebKit too. */
const IS_WEBKIT = /AppleWebKit\/(?!.*Chrom)/u.test(navigator.userAgent);

/** Listens inside of the element that xterm was opened in. Dispose with it. */
export function composedText(terminal: Terminal, element: HTMLElement): IDisposable {
  const stop = new AbortController();
  const listen = { capture: true, signal: stop.signal } as const;
  const composer = new Composer(terminal, element);
  element.addEventListener("compositionstart", (event) => composer.show(event), listen);
  element.addEventListener("compositionupdate", (event) => composer.show(event), listen);
  element.addEventListener("compositionend", (event) => composer.end(event), listen);
  element.addEventListener("input", (event) => composer.input(event), listen);
  element.addEventListener("keydown", (event) => composer.key(event), listen);
  const rendered = terminal.onRender(() => composer.place());
  return {
    dispose() {
      stop.abort();
      rendered.dispose();
    },
  };
}

class Composer {
  readonly #terminal: Terminal;
  readonly #view: CompositionView;
  /** What is composed now. */
  #shown: string | undefined;
  /** Sent already, since a key that was not for the input method came in the middle. */
  #sentEarly = "";
  #wasTaken = false;

  constructor(terminal: Terminal, element: HTMLElement) {
    this.#terminal = terminal;
    this.#view = compositionView(terminal, element);
  }

  show(event: CompositionEvent): void {
    event.stopPropagation();
    const isNew = event.type === "compositionstart";
    // Of the last one nothing more comes, whether its end was told or not.
    if (isNew) this.#sentEarly = "";
    this.#shown = isNew ? "" : event.data;
    this.#view.show(this.#shown);
  }

  place(): void {
    this.#view.place();
  }

  end(event: CompositionEvent): void {
    event.stopPropagation();
    const wasComposing = this.#shown !== undefined || this.#sentEarly !== "";
    this.#hide();
    if (IS_WEBKIT || !wasComposing) return;
    this.#send(event.data);
    empty(event.target);
  }

  input(event: Event): void {
    if (!(event instanceof InputEvent) || event.data === null) return;
    const isWebKits = event.inputType === "insertFromComposition";
    const isDirect = event.inputType === "insertText" && this.#wasTaken;
    if (!isWebKits && !isDirect) return;
    event.stopPropagation();
    this.#send(event.data);
    empty(event.target);
  }

  key(event: KeyboardEvent): void {
    this.#wasTaken = event.keyCode === TAKEN;
    if (this.#wasTaken) return event.stopPropagation();
    if (this.#shown === undefined || SILENT.includes(event.key)) return;
    const early = this.#shown;
    this.#hide();
    this.#send(early);
    this.#sentEarly = early;
  }

  #hide(): void {
    this.#shown = undefined;
    this.#view.show(undefined);
  }

  #send(text: string): void {
    const early = this.#sentEarly;
    this.#sentEarly = "";
    const rest = text.startsWith(early) ? text.slice(early.length) : text;
    if (rest !== "") this.#terminal.input(rest);
  }
}

/** What stays in the text area would be there in the next composition too. */
function empty(area: EventTarget | null): void {
  if (area instanceof HTMLTextAreaElement) area.value = "";
}
