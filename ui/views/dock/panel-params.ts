/** Parameters of a tab, checked: they come back from the stored layout. */
import * as v from "valibot";
import type { PanelParams } from "../../app/dock.ts";

const Params = v.object({
  session: v.optional(v.pipe(v.string(), v.maxLength(64))),
  near: v.optional(v.pipe(v.string(), v.maxLength(64))),
  cwd: v.optional(v.pipe(v.string(), v.maxLength(4096))),
  path: v.optional(v.pipe(v.string(), v.maxLength(4096))),
  before: v.optional(v.pipe(v.string(), v.maxLength(5000))),
  after: v.optional(v.pipe(v.string(), v.maxLength(5000))),
});

/** What of `value` is usable; nothing when it is none. */
export function readPanelParams(value: unknown): PanelParams {
  const result = v.safeParse(Params, value ?? {});
  if (!result.success) return {};
  const { session, near, cwd, path, before, after } = result.output;
  return {
    ...(session === undefined ? {} : { session }),
    ...(near === undefined ? {} : { near }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(path === undefined ? {} : { path }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}
