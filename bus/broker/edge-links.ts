/**
 * The links of edge peers, counted. Whoever connects and says nothing must not keep out those that do, a program that
 * opens link after link not the pages, and all of them together not the actors.
 */
import { BusCode, BusError } from "../errors.ts";
import { EDGE_PEERS_MAX, EDGE_PEERS_OTHER_MAX, PEERS_MAX, UNGREETED_MAX } from "../limits.ts";
import { baseName, type Identity } from "./identity.ts";
import type { PeerLink } from "./link.ts";

/** The name pages come with: the window's and the browser's. */
const PAGE_NAME = "ui";

export class EdgeLinks {
  /** Without hello, the oldest first. */
  readonly #ungreeted = new Set<PeerLink>();
  /** Let in, and whether it is a page's. */
  readonly #greeted = new Map<PeerLink, boolean>();
  #pages = 0;

  /** Takes a link in; past UNGREETED_MAX the oldest is closed with `bus/limit`, which must `leave` it here. */
  arrive(link: PeerLink): void {
    const [oldest] = this.#ungreeted;
    if (oldest !== undefined && this.#ungreeted.size >= UNGREETED_MAX) {
      const message = `${UNGREETED_MAX} newer links wait for their hello`;
      oldest.close({ code: BusCode.limit, message });
    }
    this.#ungreeted.add(link);
  }

  /** Why a link cannot be taken in now that `attached` are there; undefined when it can. */
  refusal(identity: Identity, attached: number): BusError | undefined {
    if (attached >= PEERS_MAX)
      return new BusError(BusCode.limit, `${attached} peers are attached already, the bound`);
    if (identity.kind !== "edge" || identity.hello === undefined) return undefined;
    return this.#full(baseName(identity.hello, identity));
  }

  /**
   * It has said hello with this base name.
   * @throws BusError `bus/limit` when there is no room for it.
   */
  greet(link: PeerLink, name: string): void {
    const refusal = this.#full(name);
    if (refusal !== undefined) throw refusal;
    this.#ungreeted.delete(link);
    this.#greeted.set(link, name === PAGE_NAME);
    if (name === PAGE_NAME) this.#pages++;
  }

  /** It has ended. */
  leave(link: PeerLink): void {
    this.#ungreeted.delete(link);
    if (this.#greeted.get(link) === true) this.#pages--;
    this.#greeted.delete(link);
  }

  #full(name: string): BusError | undefined {
    const { size } = this.#greeted;
    if (size >= EDGE_PEERS_MAX)
      return new BusError(BusCode.limit, `${size} edge peers are attached already, the bound`);
    const others = size - this.#pages;
    if (name === PAGE_NAME || others < EDGE_PEERS_OTHER_MAX) return undefined;
    const words = `${others} edge peers that are no page are attached already, the bound`;
    return new BusError(BusCode.limit, words);
  }
}
