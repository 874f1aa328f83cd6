/** The broker: what the hub process builds on. */
export { EDGE_MANIFEST, HUB_MANIFEST, type Manifest } from "./access.ts";
export { type Broker, type BrokerOptions, createBroker } from "./broker.ts";
export type { ActorIdentity, AttachedLink, EdgeIdentity, Identity, LinkHooks } from "./identity.ts";
export type { MailboxBounds } from "./mailbox.ts";
export type { ActorState, FailedCall } from "./member.ts";
export type { FrameObserver, SendNote } from "./observer.ts";
export type { ActorStats, Census, EndConsequence, PeerStats } from "./statistics.ts";
