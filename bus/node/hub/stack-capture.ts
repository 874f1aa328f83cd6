/**
 * The stack of an event loop that does not turn, without a standing worker in each actor.
 *
 * Node starts its inspector on SIGUSR1, also from inside a busy loop, because V8 interrupts the loop for it.
 * Actors run with `--inspect-port=127.0.0.1:0 --inspect-publish-uid=stderr`: nothing listens before the
 * signal, and the address, with an unguessable id, is written only to the pipe that the hub reads.
 *
 *   SIGUSR1 -> "Debugger listening on ws://..." on stderr -> Debugger.pause -> frames -> resume, close
 */
import type { WebSocket } from "ws";
import { catchesUserSignal, readStat } from "./proc.ts";

const FRAMES_MAX = 64;
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const NATIVE = "no stack: native code (the loop did not come back to JavaScript in time)";

/** What the capture needs of a process. */
export interface CaptureTarget {
  readonly pid: number;
  /** Hears lines of its stderr from now on; the returned function ends that. */
  onStderrLine(listener: (line: string) => void): () => void;
}

/** Frames, innermost first, or one line `no stack: ...` with the reason. Never rejects; bounded by `timeoutMs`. */
export async function captureStack(target: CaptureTarget, timeoutMs: number): Promise<string> {
  const still = stillnessWords(target.pid);
  if (still !== null) return still;
  const stop = AbortSignal.timeout(timeoutMs);
  const url = await inspectorUrl(target, stop);
  if (url === null) {
    return stillnessWords(target.pid) ?? NATIVE;
  }
  // Rarely needed: not loaded with the hub.
  const ws = await import("ws");
  const options = { perMessageDeflate: false, maxPayload: MESSAGE_BYTES_MAX };
  return await pausedFrames(new ws.WebSocket(url, options), stop);
}

/** Why this process can have no stack, null when it may have one. */
function stillnessWords(pid: number): string | null {
  const stat = readStat(pid);
  if (stat === null || stat.state === "Z") return "no stack: the process was gone";
  if (stat.state === "T") return "no stack: stopped (SIGSTOP)";
  if (stat.state === "t") return "no stack: stopped by a debugger";
  if (stat.state === "D") return "no stack: waits inside the kernel";
  return catchesUserSignal(pid) ? null : "no stack: native code (no JavaScript runs in it yet)";
}

function inspectorUrl(target: CaptureTarget, stop: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const done = (url: string | null): void => {
      end();
      stop.removeEventListener("abort", giveUp);
      resolve(url);
    };
    const giveUp = (): void => done(null);
    const end = target.onStderrLine((line) => {
      const found = /Debugger listening on (ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+)/.exec(line);
      if (found?.[1] !== undefined) done(found[1]);
    });
    stop.addEventListener("abort", giveUp);
    try {
      process.kill(target.pid, "SIGUSR1");
    } catch {
      done(null);
    }
  });
}

function pausedFrames(socket: WebSocket, stop: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const sources = new Map<string, string>();
    const done = (text: string): void => {
      stop.removeEventListener("abort", giveUp);
      socket.terminate();
      resolve(text);
    };
    const giveUp = (): void => done(NATIVE);
    stop.addEventListener("abort", giveUp);
    socket.on("error", (error) => done(`no stack: ${error.message}`));
    socket.on("open", () => {
      for (const [id, method] of ["Debugger.enable", "Debugger.pause"].entries()) {
        socket.send(JSON.stringify({ id, method }));
      }
    });
    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as InspectorMessage;
      if (message.method === "Debugger.scriptParsed" && message.params?.scriptId !== undefined) {
        sources.set(message.params.scriptId, message.params.url ?? "");
      }
      if (message.method !== "Debugger.paused") return;
      const text = (message.params?.callFrames ?? []).slice(0, FRAMES_MAX).map(frameLine(sources));
      // Without it a loop that would have ended by itself stays paused until the kill.
      socket.send(JSON.stringify({ id: 9, method: "Debugger.resume" }), () =>
        done(text.join("\n")),
      );
    });
  });
}

interface InspectorMessage {
  readonly method?: string;
  readonly params?: {
    readonly scriptId?: string;
    readonly url?: string;
    readonly callFrames?: readonly CallFrame[];
  };
}

interface CallFrame {
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber?: number;
  };
}

function frameLine(sources: ReadonlyMap<string, string>): (frame: CallFrame) => string {
  return ({ functionName, location }) => {
    const url = sources.get(location.scriptId) ?? `script ${location.scriptId}`;
    // The inspector counts from 0, editors from 1.
    const place = `${url}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
    return `    at ${functionName === "" ? "<anonymous>" : functionName} (${place})`;
  };
}
