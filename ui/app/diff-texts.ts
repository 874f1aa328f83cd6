/** The two texts of a change: from git's copies, and from the disk through the file guard. */
import { READ_BYTES_MAX, read } from "../../bus/contracts/file-guard.ts";
import { headText, indexText, type Side } from "../../bus/contracts/git.ts";
import { isBusError } from "../../bus/errors.ts";
import type { Connection } from "../bus.ts";
import type { DiffOf } from "../state/diff-id.ts";

export interface DiffTexts {
  readonly before: Side;
  readonly after: Side;
}

/** Git's own measure for what is binary: a zero byte among so many. */
const LOOKED_AT_BYTES = 8_000;

/** Rejects with `file-guard/denied` when a rule closes the file. */
export async function readDiffTexts(connection: Connection, change: DiffOf): Promise<DiffTexts> {
  const { group, path, from = path } = change;
  const head = (): Promise<Side> => connection.request(headText, { path: from });
  const index = (): Promise<Side> => connection.request(indexText, { path });
  const disk = (): Promise<Side> => diskText(connection, path);
  const [before, after] = await Promise.all(
    group === "staged"
      ? [head(), index()]
      : group === "changed"
        ? [index(), disk()]
        : group === "conflict"
          ? [head(), disk()]
          : [ABSENT, disk()],
  );
  return { before, after };
}

const ABSENT: Side = { is: "absent" };

/** A file as it is on disk; a path of the workspace, or an absolute one. */
export async function diskText(connection: Connection, path: string): Promise<Side> {
  try {
    const range = { path, offset: 0, length: READ_BYTES_MAX };
    const { bytes, stat } = await connection.request(read, range);
    if (stat.size > bytes.length) return { is: "too-large", bytes: stat.size };
    if (bytes.subarray(0, LOOKED_AT_BYTES).includes(0)) return { is: "binary", bytes: stat.size };
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { is: "text", text: decoder.decode(bytes) };
  } catch (error) {
    if (isBusError(error, "file-guard/not-found")) return ABSENT;
    if (error instanceof TypeError) return { is: "binary", bytes: 0 };
    throw error;
  }
}
