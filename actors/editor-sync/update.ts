/** One changeset as the authority took it: from it come history, journal and what clients are sent. */
import { ChangeSet } from "@codemirror/state";
import {
  type Changes,
  EditorSyncCode,
  type Origin,
  TEXT_LENGTH_MAX,
} from "../../bus/contracts/editor-document.ts";
import { BusError } from "../../bus/errors.ts";

/** A changeset that took the text from one version to the next. */
export interface Update {
  readonly changes: ChangeSet;
  /** JSON of `changes`, made once for all who are sent it. */
  readonly json: string;
  /** Undefined for the disk and the actor itself; then `seq` is 0. */
  readonly client: string | undefined;
  readonly seq: number;
  readonly origin: Origin;
  /** In whose name, where it is no edit of a client: that one undoes it. */
  readonly by: string | undefined;
}

/** An update of the actor's own. */
export function ownUpdate(changes: ChangeSet, origin: Origin, by?: string): Update {
  const json = JSON.stringify(changes.toJSON());
  return { changes, json, client: undefined, seq: 0, origin, by };
}

/** A client's update. */
export function clientUpdate(changes: ChangeSet, client: string, seq: number): Update {
  const json = JSON.stringify(changes.toJSON());
  return { changes, json, client, seq, origin: "edit", by: undefined };
}

/**
 * Reads changesets that follow each other, the first on a text of `length`.
 * @throws BusError `invalid` or `mismatch`, with the offending value and its bound
 */
export function readChanges(list: readonly Changes[], length: number): ChangeSet[] {
  let expected = length;
  return list.map((json) => {
    for (const part of json) checkPart(part);
    const changes = ChangeSet.fromJSON(json);
    if (changes.length !== expected) {
      const message = `a changeset for ${changes.length} units, but the text has ${expected}`;
      const data = { value: changes.length, expected };
      throw new BusError(EditorSyncCode.mismatch, message, { data });
    }
    expected = changes.newLength;
    if (expected > TEXT_LENGTH_MAX) {
      const message = `the text would have ${expected} units, at most ${TEXT_LENGTH_MAX} may be`;
      throw new BusError(EditorSyncCode.invalid, message, {
        data: { value: expected, bound: TEXT_LENGTH_MAX },
      });
    }
    return changes;
  });
}

/** A break inside a line would be one line here and two after saving. */
function checkPart(part: Changes[number]): void {
  if (typeof part === "number") return;
  for (const line of part.slice(1)) {
    if (typeof line !== "string" || !/[\r\n]/.test(line)) continue;
    const message = "an inserted line holds a line break; breaks are between the lines";
    throw new BusError(EditorSyncCode.invalid, message, { data: { value: line.slice(0, 100) } });
  }
}
