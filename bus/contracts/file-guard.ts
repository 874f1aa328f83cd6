/** What crosses the wire for the file-guard actor. The actor is not built yet: every call is answered `bus/not-implemented`. */
import * as v from "valibot";
import { method } from "./define.ts";

/** What this actor can do today. */
export const status = method("file-guard.status", {
  input: v.object({}),
  output: v.object({ built: v.boolean(), says: v.string() }),
  whenRestarting: "hold",
});

export const list = method("file-guard.list", {
  input: v.object({ path: v.string() }),
  output: v.object({ entries: v.array(v.unknown()) }),
});
export const read = method("file-guard.read", {
  input: v.object({ path: v.string() }),
  output: v.object({ bytes: v.instance(Uint8Array) }),
  capture: "content",
});
export const check = method("file-guard.check", {
  input: v.object({ path: v.string(), op: v.picklist(["read", "write"]) }),
  output: v.object({ allowed: v.boolean(), rule: v.string() }),
});
