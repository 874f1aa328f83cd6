/** Links of edge peers that have not said hello. Whoever connects and says nothing must not keep out those that do. */
import { BusCode } from "../errors.ts";
import { UNGREETED_MAX } from "../limits.ts";
import type { PeerLink } from "./link.ts";

export class Ungreeted {
  /** The oldest first. */
  readonly #links = new Set<PeerLink>();

  /** Takes a link in; past UNGREETED_MAX the oldest is closed with `bus/limit`, which must delete it here. */
  add(link: PeerLink): void {
    const [oldest] = this.#links;
    if (oldest !== undefined && this.#links.size >= UNGREETED_MAX) {
      const message = `${UNGREETED_MAX} newer links wait for their hello`;
      oldest.close({ code: BusCode.limit, message });
    }
    this.#links.add(link);
  }

  /** It has said hello, or ended. */
  delete(link: PeerLink): void {
    this.#links.delete(link);
  }
}
