/** The terminal actor's process: wires its parts, decides nothing. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import * as terminal from "../../bus/contracts/terminal.ts";
import { type ActorContext, type Logger, runActor } from "../runtime/index.ts";
import type { Backend, BackendRow } from "./backend.ts";
import { openKeepers } from "./keeper-links.ts";
import { NodePtyBackend } from "./node-pty-backend.ts";
import { createPublisher } from "./publisher.ts";
import { serveTerminal } from "./service.ts";
import { SessionTable } from "./sessions.ts";
import { followSettings } from "./settings.ts";

/** `terminal.sessions` is told at most this often, milliseconds. */
const PUBLISH_PAUSE_MS = 100;

runActor({ name: "terminal", start });

async function start(ctx: ActorContext): Promise<void> {
  const { peer, clock, log, env } = ctx;
  const wallMs = () => Date.now();
  const settings = followSettings(peer, clock);
  const asked = env.variables["BULKHEAD_TERMINAL_BACKEND"];
  if (asked === undefined) await settings.first;
  const settledMs = performance.now();
  const { backend, late } = await openBackend(asked ?? settings.current.backend, ctx);
  void backend.lost.then((reason) => {
    // A new link needs the launcher, so this process ends and is started again.
    if (!ctx.stopping.aborted) throw new Error(`the link to the keeper ended: ${reason}`);
  });
  const sessions = () => peer.publish(terminal.sessions, { sessions: table.describe() });
  const publisher = createPublisher(clock, PUBLISH_PAUSE_MS, sessions);
  const table = new SessionTable({
    ...{ backend, clock, log, wallMs },
    hostName: hostname(),
    around: {
      env: definedOnly(env.variables),
      runtimeDir: env.runtimeDir,
      home: env.home,
      version: env.version,
      workspace: env.workspace,
    },
    newId: () => randomBytes(8).toString("hex"),
    integration: () => settings.current.integration,
    onChange: () => publisher.changed(),
    onAttention: (attention) => peer.publish(terminal.attention, attention),
  });
  const recovery = await table.adopt();
  const { epoch } = peer.ready;
  peer.publish(terminal.recovered, { epoch, ...recovery, atMs: wallMs() });
  serveTerminal({ peer, table, backend, wallMs });
  for (const rows of late) void adoptLate(table, rows, log);
  ctx.onStop(() => table.flush());
  ctx.onShed(() => {
    table.shed().catch((error: unknown) => log.warn(`memory was not given back: ${String(error)}`));
  });
  const took = { settledMs: Math.round(settledMs), readyMs: Math.round(performance.now()) };
  log.info("terminals taken over", {
    shells: recovery.shellsKept,
    lost: recovery.bytesLost,
    ...took,
  });
}

/** Never rejects: what fails on the way is logged where it fails. */
async function adoptLate(
  table: SessionTable,
  late: Promise<readonly BackendRow[]>,
  log: Logger,
): Promise<void> {
  const rows = await late;
  if (rows.length === 0) return;
  const { shellsKept, bytesLost } = await table.adopt(rows);
  log.info("a keeper has answered late", { shells: shellsKept, lost: bytesLost });
}

interface OpenedBackend {
  readonly backend: Backend;
  readonly late: readonly Promise<readonly BackendRow[]>[];
}

async function openBackend(name: string, ctx: ActorContext): Promise<OpenedBackend> {
  const { env, clock, log } = ctx;
  if (name === "node-pty") {
    return { backend: await NodePtyBackend.load(() => Date.now()), late: [] };
  }
  if (name !== "keeper") {
    throw new Error(`BULKHEAD_TERMINAL_BACKEND is "${name}", expected "keeper" or "node-pty"`);
  }
  const { keepers, late } = await openKeepers(env.variables["BULKHEAD_KEEPERS"], clock, log);
  return { backend: keepers, late };
}

function definedOnly(
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) out[name] = value;
  return out;
}
