/** Updates as the lines a client is sent: its own as a short mark, those of others whole. */
import type { Update } from "./update.ts";

/** Longest line of updates, bytes of JSON; the next ones go into a line of their own. */
const LINE_BYTES = 256 * 1024;

/** Lines that take `client` from `version` over all of `updates`, each without its `\n`. */
export function* updateLines(
  client: string,
  version: number,
  updates: readonly Update[],
): Generator<string> {
  for (let index = 0; index < updates.length; ) {
    const isOwn = updates[index]?.client === client;
    let next = index;
    let bytes = 0;
    while (next < updates.length && (updates[next]?.client === client) === isOwn) {
      bytes += updates[next]?.json.length ?? 0;
      if (!isOwn && bytes > LINE_BYTES && next > index) break;
      next++;
    }
    if (isOwn) yield `{"ack":${updates[next - 1]?.seq ?? 0}}`;
    else {
      const told = updates.slice(index, next).map(toldToOthers).join(",");
      yield `{"version":${version + index},"changes":[${told}]}`;
    }
    index = next;
  }
}

function toldToOthers({ json, client, origin, by }: Update): string {
  const fields = [`"changes":${json}`];
  if (client !== undefined) fields.push(`"client":${JSON.stringify(client)}`);
  if (origin !== "edit") fields.push(`"origin":"${origin}"`);
  if (by !== undefined) fields.push(`"by":${JSON.stringify(by)}`);
  return `{${fields.join(",")}}`;
}
