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
}

/** Tells at once that nothing is open: grants end with the process that gave them. */
export function tellGrants(options: {
  readonly peer: Pick<Peer, "publish">;
  readonly clock: Clock;
  readonly wallMs: () => number;
}): GrantTeller {
  const { peer, clock, wallMs } = options;
  const live = new Map<string, { grant: Grant; stop: () => void }>();
  const tell = (): void =>
    peer.publish(contract.grants, { grants: [...live.values()].map(({ grant }) => grant) });
  const ended = (path: string): void => {
    live.get(path)?.stop();
    if (live.delete(path)) tell();
  };
  tell();
  return {
    given(grant) {
      live.get(grant.path)?.stop();
      const leftMs = Math.max(0, grant.untilMs - wallMs());
      live.set(grant.path, { grant, stop: clock.setTimer(leftMs, () => ended(grant.path)) });
      tell();
      return grant;
    },
    ended,
  };
}
