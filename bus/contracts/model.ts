/** What crosses the wire for the model actor. The actor is not built yet: every call is answered `bus/not-implemented`. */
import * as v from "valibot";
import { method } from "./define.ts";

/** What this actor can do today. */
export const status = method("model.status", {
  input: v.object({}),
  output: v.object({ built: v.boolean(), says: v.string() }),
  whenRestarting: "hold",
});

export const list = method("model.list", {
  input: v.object({}),
  output: v.object({ models: v.array(v.string()) }),
});
