/** What crosses the wire for the editor-sync actor. The actor is not built yet: every call is answered `bus/not-implemented`. */
import * as v from "valibot";
import { method } from "./define.ts";

/** What this actor can do today. */
export const status = method("editor-sync.status", {
  input: v.object({}),
  output: v.object({ built: v.boolean(), says: v.string() }),
  whenRestarting: "hold",
});

export const open = method("editor-sync.open", {
  input: v.object({ path: v.string() }),
  output: v.object({ document: v.string() }),
});
