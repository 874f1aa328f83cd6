/** All terminals of this instance: starting, taking over, closing with undo, and the end of unused ones. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import type * as v from "valibot";
import { type CreateInput, type Session, TerminalCode } from "../../bus/contracts/terminal.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { BackendRow } from "./backend.ts";
import { type Surroundings, shellEnvironment, startFolder } from "./environment.ts";
import { integrate } from "./integration.ts";
import { decodeMeta, encodeMeta, type Meta } from "./meta.ts";
import { type SessionWorld, TerminalSession } from "./session.ts";
import { findProgram, isShell, loginShell } from "./shells.ts";

/** How long a closed session can be taken back, milliseconds. */
export const UNDO_MS = 10_000;
/** Grace between HUP and KILL, milliseconds. */
export const END_GRACE_MS = 2_000;
/** A shell without a job that nobody looked at for this long is ended, milliseconds. */
export const UNUSED_MS = 24 * 60 * 60 * 1000;
/** How often an ended session is asked to go, END_GRACE_MS apart. */
const FORGET_TRIES = 4;
/** How often that is looked at, milliseconds. */
const UNUSED_CHECK_MS = 10 * 60 * 1000;

/** Owner of what the person, or an actor for itself, has started. */
export const PERSON = "person";

/** Input of `terminal.create`. */
export type CreateRequest = v.InferOutput<typeof CreateInput>;

/** What the table needs besides the world of its sessions. */
export interface TableOptions extends Omit<SessionWorld, "onGone" | "onLost"> {
  readonly around: Surroundings;
  /** Makes an id no session has had, at most 64 characters. */
  readonly newId: () => string;
  /** Whether shells are started with integration now. */
  readonly integration: () => "on" | "off";
}

/** What was found at the start. */
export interface Recovery {
  readonly shellsKept: number;
  readonly bytesLost: number;
}

/** The sessions by id. */
export class SessionTable {
  readonly #options: TableOptions;
  readonly #world: SessionWorld;
  readonly #sessions = new Map<string, TerminalSession>();
  /** Environment a session was started with, for a restart of it. Not kept over the death of this process. */
  readonly #environments = new Map<string, Readonly<Record<string, string>>>();
  /** Sessions being started, by id. */
  readonly #starting = new Map<string, Promise<TerminalSession>>();
  readonly #closing = new Map<string, () => void>();

  constructor(options: TableOptions) {
    this.#options = options;
    this.#world = {
      ...options,
      onGone: (session) => void this.#forget(session),
      onLost: (session) => void this.#drop(session),
    };
    this.#watchUnused();
  }

  /** Takes over sessions that the holder has. @param rows those that are not in this table yet; default all. */
  async adopt(rows?: readonly BackendRow[]): Promise<Recovery> {
    let shellsKept = 0;
    let bytesLost = 0;
    for (const row of rows ?? (await this.#options.backend.list())) {
      try {
        const session = await TerminalSession.open(this.#world, {
          ...row,
          meta: this.#metaOf(row),
        });
        this.#sessions.set(session.id, session);
        if (row.exit === null) shellsKept++;
        bytesLost += session.lostBytes;
        this.#resumeClosing(session);
        session.refreshJob();
      } catch (error) {
        // One broken session must not keep the others from coming back.
        this.#options.log.error(`session ${row.key} was not taken over: ${String(error)}`);
      }
    }
    this.#endUnused();
    this.#options.onChange();
    return { shellsKept, bytesLost };
  }

  /** @throws `terminal/no-such-session` */
  get(id: string): TerminalSession {
    const session = this.#sessions.get(id);
    if (session !== undefined) return session;
    throw new BusError(TerminalCode.noSuchSession, `There is no session ${id}.`, { data: { id } });
  }

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  list(): TerminalSession[] {
    return [...this.#sessions.values()];
  }

  describe(): Session[] {
    return this.list().map((session) => session.describe());
  }

  /** Starts a terminal, or gives the one that has the asked id already; see the contract for its errors. */
  async create(request: CreateRequest, owner = PERSON): Promise<TerminalSession> {
    const id = request.id ?? this.#options.newId();
    const known = this.#sessions.get(id) ?? this.#starting.get(id);
    if (known !== undefined) return ownedBy(owner, await known);
    const starting = this.#start(id, request, owner).finally(() => this.#starting.delete(id));
    this.#starting.set(id, starting);
    return starting;
  }

  async #start(id: string, request: CreateRequest, owner: string): Promise<TerminalSession> {
    const { backend, around, wallMs } = this.#options;
    const env = shellEnvironment(request.env, around, id);
    const near = request.near === undefined ? undefined : this.#sessions.get(request.near);
    const beside = (await near?.askFolder()) ?? "";
    const cwd = startFolder(request.cwd, [beside, around.workspace, env["HOME"] ?? ""]);
    const asked = request.argv.length > 0 ? request.argv : [loginShell(env)];
    const program = findProgram(asked[0] ?? "", env, cwd);
    const argv = [program, ...asked.slice(1)];
    const launch =
      this.#options.integration() === "on"
        ? integrate(argv, env)
        : { argv, env, integration: "none" as const };
    const meta: Meta = {
      ...freshMeta(id, wallMs()),
      owner,
      name: request.name,
      shell: basename(program),
      integration: launch.integration,
      argv,
    };
    const { cols, rows } = request;
    const { key, pid } = await backend.create({
      argv: launch.argv,
      env: launch.env,
      cwd,
      cols,
      rows,
      meta: encodeMeta(meta),
    });
    const session = await TerminalSession.open(this.#world, {
      ...{ key, pid, cols, rows, meta, cwd },
      ...{ tail: 0, head: 0, read: 0, heldBy: "" },
    });
    this.#sessions.set(id, session);
    this.#environments.set(id, request.env);
    session.refreshJob();
    this.#options.onChange();
    return session;
  }

  /** Starts the same program in the same folder; the old session is forgotten. */
  async restart(
    id: string,
    size: { cols: number; rows: number; id?: string | undefined },
  ): Promise<TerminalSession> {
    const old = this.get(id);
    if (old.exit === null) {
      throw new BusError(TerminalCode.backend, `Session ${id} still runs; end it first.`);
    }
    const { argv, name, owner } = old.meta;
    const env = this.#environments.get(id) ?? {};
    const fresh = await this.create({ argv, cwd: "", near: id, env, name, ...size }, owner);
    await this.#forget(old);
    return fresh;
  }

  /** Names a session; stored when it resolves, as are the next two. */
  async rename(id: string, name: string): Promise<TerminalSession> {
    const session = this.get(id);
    session.update({ name: name.trim() });
    await session.flush();
    return session;
  }

  /** Hides a session and ends it when the time to undo is over, also when this process dies meanwhile. */
  async close(id: string): Promise<{ undoMs: number }> {
    const session = this.get(id);
    session.update({ closingUntilMs: this.#options.wallMs() + UNDO_MS });
    this.#endLater(session, UNDO_MS);
    await session.flush();
    return { undoMs: UNDO_MS };
  }

  /** Takes a close back. */
  async reopen(id: string): Promise<TerminalSession> {
    const session = this.get(id);
    this.#cancelClosing(id);
    session.update({ closingUntilMs: null });
    await session.flush();
    return session;
  }

  /** Ends a session now. */
  async end(id: string): Promise<void> {
    const session = this.get(id);
    this.#cancelClosing(id);
    if (session.meta.closingUntilMs === null) {
      session.update({ closingUntilMs: this.#options.wallMs() });
    }
    await session.end(END_GRACE_MS);
  }

  /** What a window close would end, and shells at their prompt. */
  jobs(): { jobs: Array<{ session: string; pid: number; command: string }>; idleShells: number } {
    const jobs = [];
    let idleShells = 0;
    for (const session of this.list()) {
      session.refreshJob();
      const { job, state } = session.describe();
      if (state !== "running") continue;
      if (job === null) idleShells++;
      else jobs.push({ session: session.id, ...job });
    }
    return { jobs, idleShells };
  }

  /** Gives back what can be had again: output before the screen of each session. */
  async shed(): Promise<void> {
    for (const session of this.list()) {
      const { offset } = await session.checkpoint();
      session.store.history.trim(offset);
    }
  }

  /** Stores what waits to be stored, for an orderly stop. */
  async flush(): Promise<void> {
    await Promise.all(this.list().map((session) => session.flush()));
  }

  #metaOf(row: BackendRow): Meta {
    const known = decodeMeta(row.meta);
    if (known !== undefined && !this.#sessions.has(known.id)) return known;
    const shell = basename(row.argv[0] ?? "");
    const argv = [...row.argv];
    const { createdMs } = row;
    return { ...freshMeta(idOf(row.key), this.#options.wallMs()), shell, argv, createdMs };
  }

  #resumeClosing(session: TerminalSession): void {
    const until = session.meta.closingUntilMs;
    if (until !== null) this.#endLater(session, Math.max(0, until - this.#options.wallMs()));
  }

  #endLater(session: TerminalSession, afterMs: number): void {
    this.#cancelClosing(session.id);
    const cancel = this.#options.clock.setTimer(afterMs, () => {
      this.#closing.delete(session.id);
      session.end(END_GRACE_MS).catch((error: unknown) => {
        this.#options.log.error(`session ${session.id} was not ended: ${String(error)}`);
      });
    });
    this.#closing.set(session.id, cancel);
  }

  #cancelClosing(id: string): void {
    this.#closing.get(id)?.();
    this.#closing.delete(id);
  }

  async #forget(session: TerminalSession): Promise<void> {
    if (this.#drop(session)) await this.#forgetAtBackend(session, FORGET_TRIES);
  }

  /** Takes a session out of the table. @returns false when it was not in it. */
  #drop(session: TerminalSession): boolean {
    if (!this.#sessions.delete(session.id)) return false;
    this.#cancelClosing(session.id);
    this.#environments.delete(session.id);
    session.drop();
    this.#options.onChange();
    return true;
  }

  /** The keeper lets an ended session go when its grace time is over, as background programs may still end. */
  async #forgetAtBackend(session: TerminalSession, tries: number): Promise<void> {
    const { backend, clock, log } = this.#options;
    try {
      await backend.forget(session.key);
    } catch (error) {
      if (tries <= 1) log.warn(`session ${session.id} was not forgotten: ${String(error)}`);
      else clock.setTimer(END_GRACE_MS, () => void this.#forgetAtBackend(session, tries - 1));
    }
  }

  #watchUnused(): void {
    this.#options.clock.setTimer(UNUSED_CHECK_MS, () => {
      this.#endUnused();
      this.#watchUnused();
    });
  }

  #endUnused(): void {
    const nowMs = this.#options.wallMs();
    for (const session of this.list()) {
      if (session.views.count > 0) session.update({ lastUsedMs: nowMs });
      const isIdle = session.exit === null && session.describe().job === null;
      if (!isIdle || !isShell(session.meta.shell)) continue;
      if (nowMs - session.meta.lastUsedMs <= UNUSED_MS) continue;
      this.#options.log.info("a shell unused for 24 h was ended", { session: session.id });
      void this.end(session.id).catch(() => undefined);
    }
  }
}

/** The same after every restart: nothing is stored yet for a session that another version has left in its own words. */
function idOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

function freshMeta(id: string, nowMs: number): Meta {
  return {
    version: 1,
    id,
    name: "",
    title: "",
    cwd: "",
    shell: "",
    integration: "none",
    argv: [],
    command: null,
    bells: 0,
    notice: null,
    closingUntilMs: null,
    lastUsedMs: nowMs,
    createdMs: nowMs,
    owner: PERSON,
    parsedTo: 0,
    seenTo: null,
  };
}

/** @throws `bus/denied` when an agent asks for the id of somebody else's session. */
function ownedBy(owner: string, session: TerminalSession): TerminalSession {
  if (owner === PERSON || owner === session.meta.owner) return session;
  const reason = `Session ${session.id} belongs to ${session.meta.owner}; ${owner} may not touch it.`;
  throw new BusError(BusCode.denied, reason);
}
