/** The terminals of this workspace as the terminal actor tells them, and what a person does with them. */
import { type Accessor, createSignal, onCleanup } from "solid-js";
import type { Session } from "../../bus/contracts/terminal.ts";
import * as terminal from "../../bus/contracts/terminal.ts";
import type { Connection } from "../bus.ts";
import type { Seen } from "../state/badges.ts";
import { whileRestarting } from "./retry.ts";

export interface NewTerminal {
  /** From `newSessionId`; the same again after a failure, so that no second shell is started. */
  readonly id: string;
  readonly cols: number;
  readonly rows: number;
  /** Session whose folder is inherited. */
  readonly near?: string;
  readonly cwd?: string;
  readonly argv?: readonly string[];
}

export interface SessionStore {
  /** Undefined until the actor was heard once. */
  readonly all: Accessor<readonly Session[] | undefined>;
  byId(id: string): Session | undefined;
  create(request: NewTerminal): Promise<Session>;
  /** `request.id` is that of the session that takes its place. */
  restart(session: string, request: NewTerminal): Promise<Session>;
  /** Hides it; it ends after the returned milliseconds unless reopened. */
  close(id: string): Promise<number>;
  reopen(id: string): Promise<Session>;
  rename(id: string, name: string): Promise<void>;
  /** The person looks at it: bells and notices are seen, and so is the end of its last command. */
  focused(id: string): void;
  seen(id: string): Seen | undefined;
}

/** An id no session has had: 64 random bits. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Lives in the calling reactive scope. `env` is the environment of this window, for new shells. */
export function createSessionStore(
  connection: Connection,
  env: Readonly<Record<string, string>>,
): SessionStore {
  const [all, setAll] = createSignal<readonly Session[] | undefined>(undefined);
  const [seen, setSeen] = createSignal<ReadonlyMap<string, Seen>>(new Map());
  const subscription = connection.subscribe(terminal.sessions, (value) => setAll(value.sessions), {
    policy: "conflate",
  });
  onCleanup(() => subscription.unsubscribe());
  const byId = (id: string): Session | undefined => all()?.find((session) => session.id === id);
  const put = (session: Session): Session => {
    setAll((current) => [...(current ?? []).filter(({ id }) => id !== session.id), session]);
    return session;
  };
  return {
    all,
    byId,
    create: async ({ id, cols, rows, near, cwd = "", argv = [] }) => {
      const place = near === undefined ? {} : { near };
      const request = { id, cols, rows, cwd, argv: [...argv], env: { ...env }, name: "", ...place };
      return put(await whileRestarting(() => connection.request(terminal.create, request)));
    },
    restart: async (session, { id, cols, rows }) => {
      const request = { session, id, cols, rows };
      return put(await whileRestarting(() => connection.request(terminal.restart, request)));
    },
    close: async (session) =>
      (await whileRestarting(() => connection.request(terminal.close, { session }))).undoMs,
    reopen: async (session) =>
      put(await whileRestarting(() => connection.request(terminal.reopen, { session }))),
    rename: async (session, name) =>
      void put(await whileRestarting(() => connection.request(terminal.rename, { session, name }))),
    focused(id) {
      const session = byId(id);
      if (session === undefined) return;
      // What still runs has no end that could have been seen.
      const startedMs = session.command?.state === "ended" ? session.command.startedMs : undefined;
      if (startedMs !== undefined && seen().get(id)?.commandStartedMs !== startedMs) {
        setSeen((current) => new Map(current).set(id, { commandStartedMs: startedMs }));
      }
      if (session.attention.bells === 0 && session.attention.notice === null) return;
      connection.request(terminal.focus, { session: id }).catch(() => undefined);
    },
    seen: (id) => seen().get(id),
  };
}
