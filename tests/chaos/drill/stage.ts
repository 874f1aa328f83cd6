/** A running instance with a page, as drills see it: in Chromium or in the real window. */
import { join } from "node:path";
import { connectPeer } from "../../../bus/client.ts";
import { type ProcessRow, processesList } from "../../../bus/contracts/hub.ts";
import { list, type Session } from "../../../bus/contracts/terminal.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import type { Folders } from "../../bench/app/folders.ts";
import { eventually } from "./wait.ts";

/** Functions that a page's function gets beside its argument. */
export type Parts = Readonly<Record<string, unknown>>;

/** The call as source: the page allows no evaluation of its own. */
export function callOf(body: unknown, argument: unknown, parts: Parts = {}): string {
  const given = Object.entries(parts).map(([name, part]) => `${name}: ${String(part)}`);
  const json = JSON.stringify(argument) ?? "undefined";
  return `(${String(body)})(${json}, { ${given.join(", ")} })`;
}

/** Where drills happen. `end` must be called whatever happens. */
export interface Stage {
  readonly kind: "browser" | "window";
  readonly folders: Folders;
  /** Folder of the shells' logs. */
  readonly logs: string;
  /** Counts pages from 1: after a renderer's death another one looks at the sessions. */
  readonly pages: number;
  /**
   * Runs a function in the page; it uses nothing from outside but its argument and `parts`, functions that do the same.
   * Fails while there is no page.
   */
  evaluate<A, T, P extends Parts>(
    body: (argument: A, parts: P) => T,
    argument: A,
    parts?: P,
  ): Promise<T>;
  /** Types text, Enter as `\n`, into what has the focus. */
  type(text: string): Promise<void>;
  /** Keys together: `Control+Shift+T`. */
  chord(keys: string): Promise<void>;
  /** Gives the view of this session the focus. */
  focus(session: string): Promise<void>;
  /** Another size for the page, pixels. */
  resize(width: number, height: number): Promise<void>;
  /** A click at this part of the terminal's screen, each 0 to 1. */
  click(session: string, at: { readonly x: number; readonly y: number }): Promise<void>;
  /** Kills the page's process; resolves with the wall clock of the kill when another page runs. */
  crashPage(): Promise<number>;
  /** The same for the window's process. */
  killWindow(): Promise<number>;
  /** The same for the root; the instance is opened again, as a person does it. */
  killRoot(): Promise<number>;
  /** The same for every process of ours but the keeper and its shells, at once. */
  killAll(): Promise<number>;
  /** The end of what the root has said on stderr. */
  said(): string;
  end(): Promise<void>;
}

/** Asks the hub that runs now, on a link of its own. */
export async function ask<T>(stage: Stage, question: (peer: Peer) => Promise<T>): Promise<T> {
  const { runtimeDir } = stage.folders;
  const token = await readToken(join(runtimeDir, "token"));
  const transport = await connectUnix(join(runtimeDir, "hub.sock"));
  const peer = await connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
  try {
    return await question(peer);
  } finally {
    peer.close();
  }
}

/** All processes, waiting while the hub is away. */
export function processes(stage: Stage): Promise<readonly ProcessRow[]> {
  return eventually("the hub lists its processes", () =>
    ask(stage, (peer) => peer.request(processesList, {})).then(
      (answer) => answer.processes,
      () => undefined,
    ),
  );
}

/** All terminals, waiting while hub or actor are away. */
export function sessions(stage: Stage): Promise<readonly Session[]> {
  return eventually("the terminals are listed", () =>
    ask(stage, (peer) => peer.request(list, {})).then(
      (answer) => answer.sessions,
      () => undefined,
    ),
  );
}

/** The row of this name once it is ready with a pid, other than `notPid`. */
export function readyRow(
  stage: Stage,
  name: string,
  notPid?: number,
): Promise<ProcessRow & { readonly pid: number }> {
  return eventually(`${name} is ready`, async () => {
    const found = (await processes(stage)).find((row) => row.name === name);
    if (found?.state !== "ready" || found.pid === null || found.pid === notPid) return undefined;
    return { ...found, pid: found.pid };
  });
}
