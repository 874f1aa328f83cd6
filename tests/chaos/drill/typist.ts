/**
 * Types into a terminal while things are killed, as a person does: not into a page that is not there. Keys that were
 * under way to a page when its process died are lost with it; all others arrive once, in order, or are reported.
 */
import type { Seat } from "./seat.ts";

/** Keys that can be on the way between a page and the terminal when the page dies. */
export const ON_THE_WAY_MAX = 80;
/** Attempts to get a sign through: keys of earlier ones were set aside. */
const SIGNS_MAX = 5;

/** What vim writes between two signs of an echo. */
const SEQUENCE = /\u001b\[[0-9;?]*[A-Za-z]/g;

export class Typist {
  /** Everything typed, in order. */
  text = "";
  /** Keys the page said it had not sent. They were discarded. */
  reported = 0;
  readonly #seat: Seat;
  readonly #firstPage: number;
  readonly #from: number;

  constructor(seat: Seat) {
    this.#seat = seat;
    this.#firstPage = seat.stage.pages;
    this.#from = seat.log.size;
  }

  /** Types when the terminal has the focus of a page. */
  async type(piece: string): Promise<void> {
    await this.#seat.focused();
    this.text += piece;
    // A page that dies meanwhile is seen by its number.
    await this.#seat.stage.type(piece).catch(() => undefined);
  }

  /** Types a sign and waits until its echo was written: all before it has arrived or was reported. */
  async sign(word: string, end: string): Promise<void> {
    for (let attempt = 1; attempt <= SIGNS_MAX; attempt += 1) {
      const sign = `${word}${attempt}`;
      await this.type(`${sign}${end}`);
      const before = this.reported;
      await this.#seat.written(`the echo of ${sign}`, async () => {
        this.reported += await discardUnsent(this.#seat);
        const shown = this.#seat.log.text(this.#from).replace(SEQUENCE, "");
        return this.reported > before || shown.includes(sign) || (await this.#seat.shows(sign));
      });
      if (this.reported === before) return;
    }
    throw new Error(`${SIGNS_MAX} signs were not sent`);
  }

  /** What is wrong with what arrived; undefined when nothing is. */
  problem(got: string): string | undefined {
    const { text, reported } = this;
    const missing = text.length - got.length;
    const wanted =
      this.#seat.stage.pages === this.#firstPage
        ? missing === reported
        : missing <= reported + ON_THE_WAY_MAX;
    if (missing >= 0 && wanted && isPartOf(got, text)) return undefined;
    return `arrived: ${JSON.stringify(got)}, typed: ${JSON.stringify(text)}, reported as not sent: ${reported} keys`;
  }
}

/** Whether `got` is `whole` with parts left out. */
export function isPartOf(got: string, whole: string): boolean {
  let at = 0;
  for (const sign of got) {
    at = whole.indexOf(sign, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Presses "Discard" where keys were set aside; gives their number. */
function discardUnsent(seat: Seat): Promise<number> {
  return seat.stage
    .evaluate((session) => {
      const view = document.querySelector(`[data-testid="terminal-${session}"]`);
      const strip = view?.querySelector('[data-testid="terminal-not-sent"]');
      const found = /Not sent: ([\d,]+) key/.exec(strip?.textContent ?? "")?.[1];
      const buttons = [...(strip?.querySelectorAll("button") ?? [])];
      buttons.find(({ textContent }) => textContent === "Discard")?.click();
      return found === undefined ? 0 : Number(found.replaceAll(",", ""));
    }, seat.session)
    .catch(() => 0);
}
