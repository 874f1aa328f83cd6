/** Tells what is open to the person, so that every window shows how long it stays so. The addon decides; this only tells. */
import type { Clock } from "../../bus/clock.ts";
import * as contract from "../../bus/contracts/file-guard.ts";
import type { Peer } from "../../bus/peer.ts";

/** An open file. */
export interface Grant {
  /** As it was resolved. */
  readonly path: string;
  readonly untilMs: number;
}

/** Told of what happens to grants. */
export interface GrantTeller {
  /** Gives the same grant back. */
  given(grant: Grant): Grant;
  ended(path: string): void;
  live(): readonly Grant[];
}

/**
 * Tells at once that nothing is open: grants end with the process that gave them. One that will take over says nothing
 * before it is given a grant or ends one.
 */
export function tellGrants(options: {
  readonly peer: Pick<Peer, "publish">;
  readonly clock: Clock;
  readonly wallMs: () => number;
  /** Default alone. */
  readonly begins?: "alone" | "beside another";
}): GrantTeller {
  const { peer, clock, wallMs, begins = "alone" } = options;
  const live = new Map<string, { grant: Grant; stop: () => void }>();
  const tell = (): void =>
    peer.publish(contract.grants, { grants: [...live.values()].map(({ grant }) => grant) });
  const ended = (path: string): void => {
    live.get(path)?.stop();
    if (live.delete(path)) tell();
  };
  if (begins === "alone") tell();
  return {
    given(grant) {
      live.get(grant.path)?.stop();
      const leftMs = Math.max(0, grant.untilMs - wallMs());
      live.set(grant.path, { grant, stop: clock.setTimer(leftMs, () => ended(grant.path)) });
      tell();
      return grant;
    },
    ended,
    live: () => [...live.values()].map(({ grant }) => grant),
  };
}
