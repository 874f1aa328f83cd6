/**
 * Groups what the hub does in one go: a link that has something to send is written once, when the outermost batch
 * ends, and a peer that has to be cut off is cut off there, never in the middle of a frame's way.
 */
import type { PeerLink } from "./link.ts";
import type { Member } from "./member.ts";

export interface BatchHooks {
  /** The outermost or an inner batch begins. */
  readonly onStart: () => void;
  /** The outermost batch is about to end and this peer was named by `cutOff`. */
  readonly onCut: (member: Member) => void;
}

export class Batches {
  readonly #hooks: BatchHooks;
  #dirty: PeerLink[] = [];
  readonly #cut: Member[] = [];
  #depth = 0;
  #isFlushScheduled = false;

  constructor(hooks: BatchHooks) {
    this.#hooks = hooks;
  }

  /** Runs `work` as a batch, or as part of the one that runs. */
  run(work: () => void): void {
    this.start();
    try {
      work();
    } finally {
      this.end();
    }
  }

  start(): void {
    this.#depth++;
    this.#hooks.onStart();
  }

  /** Must follow each `start`. */
  end(): void {
    if (this.#depth === 1) this.#cutAll();
    this.#depth--;
    if (this.#depth === 0) this.#flush();
  }

  /** The link has something to send: flushed when the batch ends, outside of one in the next microtask. */
  send(link: PeerLink): void {
    this.#dirty.push(link);
    if (this.#depth > 0 || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    queueMicrotask(() => {
      this.#isFlushScheduled = false;
      if (this.#depth === 0) this.#flush();
    });
  }

  /** The peer is cut off when the batch ends, outside of one in the next microtask. */
  cutOff(member: Member): void {
    this.#cut.push(member);
    if (this.#depth === 0) queueMicrotask(() => this.run(() => {}));
  }

  #cutAll(): void {
    for (let member = this.#cut.pop(); member !== undefined; member = this.#cut.pop())
      this.#hooks.onCut(member);
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const link of dirty) link.flush();
  }
}
