/** A session table over a real backend, with what it told. */
import { hostname } from "node:os";
import type { Backend } from "../../../actors/terminal/backend.ts";
import type { Attention, TerminalSession } from "../../../actors/terminal/session.ts";
import { type CreateRequest, SessionTable } from "../../../actors/terminal/sessions.ts";
import type { ViewStream } from "../../../actors/terminal/views.ts";
import { type Clock, systemClock } from "../../../bus/clock.ts";

/** The table and what it said. */
export interface RealTable {
  readonly table: SessionTable;
  readonly attentions: Attention[];
  readonly log: string[];
}

/** @param home folder that counts as home and workspace. */
export function openTable(
  backend: Backend,
  home: string,
  options: { clock?: Clock; wallMs?: () => number; integration?: "on" | "off" } = {},
): RealTable {
  const attentions: Attention[] = [];
  const log: string[] = [];
  const note = (message: string) => void log.push(message);
  let made = 0;
  const table = new SessionTable({
    backend,
    clock: options.clock ?? systemClock,
    wallMs: options.wallMs ?? (() => Date.now()),
    log: { info: note, warn: note, error: note },
    hostName: hostname(),
    around: {
      env: { HOME: home, PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", SHELL: "/bin/sh" },
      runtimeDir: "/run/none",
      home: "/opt/none",
      version: "0.0.0",
      workspace: home,
    },
    newId: () => `s${process.pid}-${++made}-${Math.round(performance.now() * 1000)}`,
    integration: () => options.integration ?? "on",
    onChange: () => undefined,
    onAttention: (attention) => void attentions.push(attention),
  });
  return { table, attentions, log };
}

/** A request with defaults. */
export function request(change: Partial<CreateRequest>): CreateRequest {
  return { argv: [], cwd: "", env: {}, cols: 80, rows: 24, name: "", ...change };
}

/** A view in this process that consumes at once, or when told. */
export class TestView implements ViewStream {
  text = "";
  bytes = 0;
  acknowledgedBytes = 0;
  onAcknowledged: ((bytes: number) => void) | undefined;
  ended: unknown;
  resetCode: string | undefined;
  readonly done: Promise<unknown>;
  readonly chunks: Uint8Array[] = [];
  readonly #over = Promise.withResolvers<unknown>();
  readonly #decoder = new TextDecoder();
  readonly #pace: "at-once" | "when-told";

  constructor(pace: "at-once" | "when-told" = "at-once") {
    this.#pace = pace;
    this.done = this.#over.promise;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    this.text += this.#decoder.decode(chunk, { stream: true });
    if (this.#pace === "at-once") queueMicrotask(() => this.consume(chunk.length));
  }

  consume(bytes: number): void {
    this.acknowledgedBytes += bytes;
    this.onAcknowledged?.(this.acknowledgedBytes);
  }

  end(value?: unknown): void {
    this.ended = value;
    this.#over.resolve(value);
  }

  reset(error: { code: string }): void {
    this.resetCode = error.code;
    this.#over.resolve(undefined);
  }

  /** The same view on a new stream: what comes is added to what it has. */
  next(): TestView {
    const view = new TestView(this.#pace);
    view.write = (chunk) => {
      this.bytes += chunk.length;
      this.chunks.push(chunk);
      this.text += this.#decoder.decode(chunk, { stream: true });
      queueMicrotask(() => view.consume(chunk.length));
      return Promise.resolve();
    };
    return view;
  }

  /** The peer that showed it is gone. */
  vanish(): void {
    this.#over.resolve(undefined);
  }
}

/** Shows a session from an offset. */
export function show(session: TerminalSession, view: TestView, from = 0): TestView {
  const none = new Uint8Array(0);
  session.addView(view, { source: "test/1", visible: true, from, restore: none });
  return view;
}

/** A keyboard for a session. */
export async function typist(
  backend: Backend,
  session: TerminalSession,
): Promise<(text: string) => void> {
  const pipe = await backend.input(session.key, "test");
  return (text) => pipe.write(new TextEncoder().encode(text));
}
