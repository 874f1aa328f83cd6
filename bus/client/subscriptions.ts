/** Topics this peer listens to. Each subscription is one at the hub, named by its correlation. */
import { type GenericSchema, safeParse } from "valibot";
import { decodeValue } from "../codec.ts";
import { BusCode, BusError } from "../errors.ts";
import { writeExtension } from "../extension.ts";
import type { Frame } from "../frame.ts";
import { SUBSCRIPTIONS_MAX } from "../limits.ts";
import type { SubscriberPolicy, Subscription } from "../peer.ts";
import { CONTROL_LANE, Flag, Kind } from "../protocol.ts";
import type { ClientLink } from "./link.ts";

/** Called for each event of a subscription. */
export type EventListener = (value: unknown, from: { source: string; retained: boolean }) => void;

interface Entry {
  readonly subject: string;
  readonly schema: GenericSchema<unknown, unknown>;
  readonly listener: EventListener;
  missed: number;
}

export class Subscriptions {
  readonly #link: ClientLink;
  readonly #onInvalid: (subject: string, message: string) => void;
  readonly #entries = new Map<number, Entry>();

  /** @param onInvalid told of events that do not fit their contract; they are not delivered. */
  constructor(link: ClientLink, onInvalid: (subject: string, message: string) => void) {
    this.#link = link;
    this.#onInvalid = onInvalid;
  }

  has(correlation: number): boolean {
    return this.#entries.has(correlation);
  }

  /** @throws BusError `bus/limit` past SUBSCRIPTIONS_MAX. */
  add(
    what: { subject: string; schema: GenericSchema<unknown, unknown>; policy: SubscriberPolicy },
    listener: EventListener,
    correlation: number,
  ): Subscription {
    if (this.#entries.size >= SUBSCRIPTIONS_MAX) {
      throw new BusError(
        BusCode.limit,
        `${what.subject}: ${SUBSCRIPTIONS_MAX} subscriptions are open already`,
      );
    }
    const entry: Entry = { subject: what.subject, schema: what.schema, listener, missed: 0 };
    this.#entries.set(correlation, entry);
    this.#link.sendValue(
      { kind: Kind.subscribe, correlation },
      { policy: what.policy },
      writeExtension({ subject: what.subject }),
    );
    return {
      get missed(): number {
        return entry.missed;
      },
      unsubscribe: () => {
        if (!this.#entries.delete(correlation)) return;
        this.#link.sendValue(
          { kind: Kind.unsubscribe, codecLane: CONTROL_LANE, correlation },
          undefined,
        );
      },
    };
  }

  onPublish(frame: Frame): void {
    const entry = this.#entries.get(frame.correlation);
    if (entry === undefined) return;
    entry.missed = frame.position;
    const value = this.#valueOf(entry, frame);
    if (value === undefined) return;
    const source = this.#link.names.peerOf(frame.source);
    entry.listener(value.output, { source, retained: (frame.flags & Flag.retained) !== 0 });
  }

  end(): void {
    this.#entries.clear();
  }

  #valueOf(entry: Entry, frame: Frame): { output: unknown } | undefined {
    try {
      const result = safeParse(entry.schema, decodeValue(frame.payload()));
      if (result.success) return { output: result.output };
      this.#onInvalid(entry.subject, result.issues[0].message);
    } catch (error) {
      this.#onInvalid(entry.subject, error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }
}
