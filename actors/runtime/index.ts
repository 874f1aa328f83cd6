/** What every actor starts with. */
export type { ActorContext, ActorDefinition } from "./context.ts";
export type { ActorEnvironment } from "./environment.ts";
export { PermanentError } from "./errors.ts";
export type { LogFields, Logger } from "./log.ts";
export { serveNotBuilt } from "./not-built.ts";
export { runActor } from "./run.ts";
