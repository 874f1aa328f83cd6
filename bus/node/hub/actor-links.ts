/** The broker as the supervisor sees it: links of running actors by name. */
import type { AttachedLink, Broker } from "../../broker/index.ts";
import type { Pulse } from "../../protocol.ts";
import type { LinkPort } from "../../supervision/ports.ts";
import type { ChildSpec } from "../../supervision/spec.ts";
import { socketTransport } from "../socket.ts";
import type { LaunchedProcess } from "./launch.ts";

/** What is told about an actor's link. */
export interface LinkEvents {
  ready(name: string): void;
  pulse(name: string, pulse: Pulse): void;
  lost(name: string): void;
}

/** Links by actor. */
export interface ActorLinks extends LinkPort {
  /** Attaches a process that was just started. */
  attach(spec: ChildSpec, epoch: number, process: LaunchedProcess): void;
}

/** Makes the port; `events` may be called from within broker calls. */
export function createActorLinks(broker: Broker, events: LinkEvents): ActorLinks {
  const links = new Map<string, AttachedLink>();
  /** What each link is called now. */
  const names = new Map<AttachedLink, string>();
  return {
    attach({ name, manifest }, epoch, process) {
      const identity = { kind: "actor", name, epoch, manifest } as const;
      const link = broker.attach(socketTransport(process.socket), identity, {
        onReady: () => events.ready(nameNow()),
        onPong: (pulse) => events.pulse(nameNow(), pulse),
        onClosed: () => {
          const now = nameNow();
          names.delete(link);
          if (links.get(now) !== link) return;
          links.delete(now);
          events.lost(now);
        },
      });
      const nameNow = (): string => names.get(link) ?? name;
      links.set(name, link);
      names.set(link, name);
    },
    setState: (name, state) => broker.setActorState(name, state),
    control: (name, control) => links.get(name)?.sendControl(control),
    ping: (name) => links.get(name)?.ping(),
    swap(name, other) {
      broker.swapActors(name, other);
      const [mine, others] = [links.get(name), links.get(other)];
      for (const [link, next] of [
        [mine, other],
        [others, name],
      ] as const) {
        if (link === undefined) links.delete(next);
        else {
          links.set(next, link);
          names.set(link, next);
        }
      }
    },
    busy(name) {
      const { callsFail, callsWait, streamsReset } = broker.endConsequence(name);
      return callsFail + callsWait + streamsReset;
    },
    takeLost(name) {
      const link = links.get(name);
      links.delete(name);
      // The process is gone: whatever is still buffered for it must not keep its calls waiting.
      link?.close({ code: "bus/down", message: `${name} ended` });
      const failed = broker.takeCallsFailed(name);
      return { failed, waiting: broker.census(name).waiting };
    },
  };
}
