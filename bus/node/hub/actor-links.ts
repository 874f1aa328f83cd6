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
  return {
    attach({ name, manifest }, epoch, process) {
      const identity = { kind: "actor", name, epoch, manifest } as const;
      const link = broker.attach(socketTransport(process.socket), identity, {
        onReady: () => events.ready(name),
        onPong: (pulse) => events.pulse(name, pulse),
        onClosed: () => {
          if (links.get(name) !== link) return;
          links.delete(name);
          events.lost(name);
        },
      });
      links.set(name, link);
    },
    setState: (name, state) => broker.setActorState(name, state),
    control: (name, control) => links.get(name)?.sendControl(control),
    ping: (name) => links.get(name)?.ping(),
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
