/** What the terminal actor serves on the bus: the contract, tied to the session table. */
import * as terminal from "../../bus/contracts/terminal.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { CallContext, IncomingStream, Peer } from "../../bus/peer.ts";
import type { Principal } from "../../bus/protocol.ts";
import type { Backend } from "./backend.ts";
import { relayInput } from "./input-relay.ts";
import type { TerminalSession } from "./session.ts";
import { PERSON, type SessionTable } from "./sessions.ts";
import { VIEWS_MAX } from "./views.ts";

/** What the service needs. */
export interface ServiceOptions {
  readonly peer: Peer;
  readonly table: SessionTable;
  readonly backend: Backend;
  readonly wallMs: () => number;
}

type AttachInput = Parameters<typeof attach>[1];
type AttachAccept = {
  offset: number;
  restoreBytes: number;
  gapBytes: number;
  cols: number;
  rows: number;
};

const NOTHING = new Uint8Array(0);
/** Use of a session is noted at most this often, milliseconds. */
const USED_PAUSE_MS = 60_000;

/** Registers all handlers. They live as long as the peer. */
export function serveTerminal(options: ServiceOptions): void {
  serveCalls(options);
  serveLife(options);
  serveStreams(options);
}

function serveCalls({ peer, table }: ServiceOptions): void {
  peer.handle(terminal.list, (_input, { principal }) => ({
    sessions: table
      .list()
      .filter((session) => mayTouch(session, principal))
      .map(describe),
  }));
  peer.handle(terminal.create, async (input, call) => {
    startsForPerson(call);
    return describe(await table.create(input));
  });
  peer.handle(terminal.resize, async ({ session, cols, rows }, call) => {
    await owned(table, session, call).resize(cols, rows);
    return {};
  });
  peer.handle(terminal.rename, async ({ session, name }, call) => {
    owned(table, session, call);
    return describe(await table.rename(session, name));
  });
  peer.handle(terminal.focus, ({ session }, call) => {
    owned(table, session, call).update({ bells: 0, notice: null });
    return {};
  });
  peer.handle(terminal.visible, ({ session, visible }, call) => {
    owned(table, session, call).views.setVisible(call.source, visible);
    return {};
  });
  peer.handle(terminal.jobs, () => table.jobs());
}

function serveLife({ peer, table }: ServiceOptions): void {
  peer.handle(terminal.close, ({ session }, call) => table.close(owned(table, session, call).id));
  peer.handle(terminal.reopen, async ({ session }, call) =>
    describe(await table.reopen(owned(table, session, call).id)),
  );
  peer.handle(terminal.end, async ({ session }, call) => {
    await table.end(owned(table, session, call).id);
    return {};
  });
  peer.handle(terminal.restart, async ({ session, ...fresh }, call) => {
    startsForPerson(call);
    // Asked for again: the old one was forgotten when the new one stood.
    const isDone = fresh.id !== undefined && !table.has(session) && table.has(fresh.id);
    if (isDone) return describe(owned(table, fresh.id ?? "", call));
    return describe(await table.restart(owned(table, session, call).id, fresh));
  });
}

function serveStreams(options: ServiceOptions): void {
  const { peer, table, backend, wallMs } = options;
  peer.serve(terminal.attach, (input, incoming) =>
    attach(owned(table, input.session, incoming), input, incoming),
  );
  peer.serve(terminal.input, async ({ session: id, writer }, incoming) => {
    const session = owned(table, id, incoming);
    if (session.exit !== null) {
      throw new BusError(terminal.TerminalCode.ended, `Session ${id} has ended.`);
    }
    const pipe = await backend.input(session.key, writer);
    relayInput(incoming, pipe, () => {
      session.stirred();
      noteUse(session, wallMs());
    });
  });
}

function describe(session: TerminalSession): terminal.Session {
  return session.describe();
}

/** @throws `bus/denied` when an agent or MCP server asks for a terminal that is not its own. */
function owned(table: SessionTable, id: string, call: CallContext): TerminalSession {
  const session = table.get(id);
  if (mayTouch(session, call.principal)) return session;
  const reason = `Session ${id} belongs to ${session.meta.owner}; ${call.principal} may not touch it.`;
  throw new BusError(BusCode.denied, reason);
}

/**
 * A terminal stands behind no walls and in no record, so nothing is started in one for an agent or a server: their
 * programs are the runner's. @throws `bus/denied`
 */
function startsForPerson({ principal }: CallContext): void {
  if (principal === undefined || principal === PERSON) return;
  const reason = `${principal} may start nothing in a terminal: its programs run behind walls, by the runner.`;
  throw new BusError(BusCode.denied, reason);
}

function mayTouch(session: TerminalSession, principal: Principal | undefined): boolean {
  return principal === undefined || principal === PERSON || principal === session.meta.owner;
}

function noteUse(session: TerminalSession, nowMs: number): void {
  if (nowMs - session.meta.lastUsedMs > USED_PAUSE_MS) session.update({ lastUsedMs: nowMs });
}

async function attach(
  session: TerminalSession,
  input: {
    session: string;
    from: "screen" | number;
    cols: number;
    rows: number;
    visible: boolean;
  },
  incoming: IncomingStream<AttachAccept>,
): Promise<void> {
  if (session.views.count >= VIEWS_MAX) {
    const reason = `Session ${input.session} has ${session.views.count} views, at most ${VIEWS_MAX} may be.`;
    throw new BusError(BusCode.limit, reason);
  }
  if (input.visible) await session.resize(input.cols, input.rows);
  if (input.from === "screen") await attachScreen(session, input, incoming);
  else await attachOffset(session, { ...input, from: input.from }, incoming);
}

async function attachScreen(
  session: TerminalSession,
  input: AttachInput,
  incoming: IncomingStream<AttachAccept>,
): Promise<void> {
  const screen = await session.checkpoint();
  if (incoming.signal.aborted) return;
  const restore = new TextEncoder().encode(screen.text);
  const { offset, cols, rows } = screen;
  const gapBytes = session.lostBytes;
  session.lostBytes = 0;
  const stream = incoming.accept({ offset, restoreBytes: restore.length, gapBytes, cols, rows });
  session.addView(stream, {
    source: incoming.source,
    visible: input.visible,
    from: offset,
    restore,
  });
}

async function attachOffset(
  session: TerminalSession,
  input: AttachInput & { from: number },
  incoming: IncomingStream<AttachAccept>,
): Promise<void> {
  await session.reach(input.from);
  if (incoming.signal.aborted) return;
  const { start } = session.store.history;
  const lost = start - input.from;
  const isLost = lost > 0 && lost <= session.lostBytes;
  const offset = Math.max(start, input.from);
  const gapBytes = isLost ? lost : 0;
  const stream = incoming.accept({ offset, restoreBytes: 0, gapBytes, ...session.size });
  if (lost > 0 && !isLost) {
    const message = `Output before ${start} is only there as a screen; attach from "screen".`;
    stream.reset({ code: terminal.TerminalCode.viewBehind, message });
    return;
  }
  if (isLost) session.lostBytes = 0;
  const { source } = incoming;
  session.addView(stream, { source, visible: input.visible, from: offset, restore: NOTHING });
}
