/**
 * Output of one session to its views, as one credit loop: what the fastest visible view has consumed is
 * granted to the program, nothing more. A hidden view, or one more than a window behind, does not hold it:
 * it is left out and later rebuilt.
 *
 *   flowing --more than 2 windows unconsumed--> behind --consumed all it got, and visible or quiet--> reset
 */
import type { Clock } from "../../bus/clock.ts";
import { type Exit, TerminalCode } from "../../bus/contracts/terminal.ts";
import type { BusStream } from "../../bus/peer.ts";
import { OUTPUT_WINDOW_BYTES } from "./backend.ts";

/** A hidden view that was left out is rebuilt when the output has been quiet this long, milliseconds. */
const QUIET_MS = 200;
/** Unconsumed bytes of a view at which it is left out: a window of its own, and one that the fastest may lead. */
const BEHIND_BYTES = 2 * OUTPUT_WINDOW_BYTES;
/** Views of one session. */
export const VIEWS_MAX = 64;
/**
 * How long a program is held when the view that held it vanished, and at the start, milliseconds: a page that
 * reconnects finds every byte it has not seen. The holder's ring takes up to 1 MiB meanwhile.
 */
export const HOLD_MS = 10_000;

/** The part of a stream that a view needs. */
export type ViewStream = Pick<
  BusStream<unknown>,
  "write" | "end" | "reset" | "acknowledgedBytes" | "onAcknowledged" | "done"
>;

/** A view that joins. */
export interface ViewPlan {
  readonly stream: ViewStream;
  /** Full name of the peer that shows it. */
  readonly source: string;
  readonly visible: boolean;
  /** Bytes that come before the first byte of output. */
  readonly restore: Uint8Array;
  /** Absolute offset of the first byte of `backlog`. */
  readonly offset: number;
  /** Output from `offset` up to now. */
  readonly backlog: readonly Uint8Array[];
}

/** What the owner of the views is told. */
export interface ViewEvents {
  /** Absolute offset up to which output may be granted to the program. */
  consumed(offset: number): void;
  /** The first view came (null), or the last one went away and has shown all before this offset. */
  watched(seenTo: number | null): void;
}

interface View {
  readonly stream: ViewStream;
  readonly source: string;
  visible: boolean;
  behind: boolean;
  /** Absolute offset that an acknowledgement of 0 bytes stands for. */
  readonly base: number;
  /** Absolute offset up to which output was queued for it. */
  sent: number;
  /** Absolute end of what it got when it joined: until then it is not judged. */
  readonly joined: number;
  /** Settles when everything queued so far has been sent. */
  flushed: Promise<void>;
}

/** All views of one session. Closed by `finish` or `resetAll`. */
export class Views {
  readonly #clock: Clock;
  readonly #events: ViewEvents;
  readonly #views = new Set<View>();
  #head = 0;
  #isOver = false;
  #isUnheld = false;
  #cancelQuiet: (() => void) | undefined;
  #cancelHold: (() => void) | undefined;

  constructor(clock: Clock, events: ViewEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#hold();
  }

  get count(): number {
    return this.#views.size;
  }

  /** Adds a view and sends it what it must know. */
  add(plan: ViewPlan): void {
    const backlogBytes = plan.backlog.reduce((sum, slice) => sum + slice.length, 0);
    const view: View = {
      stream: plan.stream,
      source: plan.source,
      visible: plan.visible,
      behind: false,
      base: plan.offset - plan.restore.length,
      sent: plan.offset,
      joined: plan.offset + backlogBytes,
      flushed: Promise.resolve(),
    };
    this.#views.add(view);
    if (this.#views.size === 1) this.#events.watched(null);
    if (view.visible) this.#release();
    this.#head = Math.max(this.#head, view.joined);
    plan.stream.onAcknowledged = () => this.#acknowledged(view);
    const gone = () => this.#remove(view);
    plan.stream.done.then(gone, gone);
    if (plan.restore.length > 0) this.#write(view, plan.restore);
    for (const slice of plan.backlog) this.#send(view, slice);
    // It may have seen everything already: then nothing it consumes would ever let the program go on.
    this.#grant();
  }

  /** Sends new output that ends at `head` to everyone who keeps up. */
  deliver(chunk: Uint8Array, head: number): void {
    this.#head = head;
    let left = false;
    for (const view of this.#views) {
      if (view.behind) continue;
      if (head - Math.max(acknowledged(view), view.joined) > BEHIND_BYTES) {
        view.behind = true;
        left = true;
      } else {
        this.#send(view, chunk);
      }
    }
    if (left || this.#cancelQuiet !== undefined) this.#waitForQuiet();
    this.#grant();
  }

  /** Says whether the views of `source` are on a person's screen. */
  setVisible(source: string, visible: boolean): void {
    for (const view of this.#views) {
      if (view.source !== source) continue;
      view.visible = visible;
      this.#rebuildIfReady(view);
    }
    this.#grant();
  }

  /** The program is to end: from now on no view holds it back. */
  runOn(): void {
    this.#isUnheld = true;
    this.#grant();
  }

  /** The program has ended: everyone gets the rest and then the exit. */
  finish(exit: Exit): void {
    this.#stopTimers();
    for (const view of [...this.#views]) {
      if (view.behind) this.#rebuild(view);
      else
        view.flushed.then(
          () => view.stream.end(exit),
          () => undefined,
        );
    }
  }

  /** Ends all views with one reason. */
  resetAll(code: string, message: string): void {
    this.#stopTimers();
    for (const view of [...this.#views]) {
      this.#views.delete(view);
      view.stream.reset({ code, message });
    }
  }

  #send(view: View, slice: Uint8Array): void {
    view.sent += slice.length;
    this.#write(view, slice);
  }

  #write(view: View, slice: Uint8Array): void {
    // A view that goes away rejects its writes; `done` removes it.
    view.flushed = view.stream.write(slice).catch(() => undefined);
  }

  #acknowledged(view: View): void {
    this.#rebuildIfReady(view);
    this.#grant();
  }

  #grant(): void {
    if (this.#isUnheld) return this.#events.consumed(this.#head);
    let target: number | undefined;
    for (const view of this.#views) {
      if (!view.visible || view.behind) continue;
      target = Math.max(target ?? acknowledged(view), acknowledged(view));
    }
    if (target !== undefined) this.#events.consumed(Math.min(target, this.#head));
    else if (this.#cancelHold === undefined) this.#events.consumed(this.#head);
  }

  #hold(): void {
    this.#cancelHold?.();
    this.#cancelHold = this.#clock.setTimer(HOLD_MS, () => {
      this.#cancelHold = undefined;
      this.#grant();
    });
  }

  #release(): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
  }

  /** No more output comes: nothing is held or rebuilt by time any more. */
  #stopTimers(): void {
    this.#isOver = true;
    this.#cancelQuiet?.();
    this.#cancelQuiet = undefined;
    this.#release();
  }

  #waitForQuiet(): void {
    this.#cancelQuiet?.();
    this.#cancelQuiet = this.#clock.setTimer(QUIET_MS, () => {
      this.#cancelQuiet = undefined;
      for (const view of [...this.#views]) if (view.behind) this.#rebuild(view);
    });
  }

  #rebuildIfReady(view: View): void {
    if (view.behind && view.visible && acknowledged(view) >= view.sent) this.#rebuild(view);
  }

  #rebuild(view: View): void {
    this.#views.delete(view);
    this.#left(view);
    view.stream.reset({
      code: TerminalCode.viewBehind,
      message: "This view fell behind the output and is rebuilt; attach again.",
    });
  }

  #left(view: View): void {
    if (this.#views.size === 0) this.#events.watched(shown(view, this.#head));
  }

  #remove(view: View): void {
    if (!this.#views.delete(view)) return;
    this.#left(view);
    if (view.visible && !view.behind && !this.#isOver) this.#hold();
    this.#grant();
  }
}

/** A view that was left out of a flood was there all the same. */
function shown(view: View, head: number): number {
  // Before the restore part is consumed the count lies before the output.
  return view.behind ? head : Math.max(0, Math.min(acknowledged(view), head));
}

function acknowledged(view: View): number {
  return view.base + view.stream.acknowledgedBytes;
}
