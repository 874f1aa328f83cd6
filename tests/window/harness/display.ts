/** A display, a session bus and WebKit's driver of a test's own. Nothing of the machine's desktop is touched. */
import type { Readable } from "node:stream";
import { end, eventually, type Running, start } from "./processes.ts";

/** What is running. `end` must be called whatever happens. */
export interface Display {
  /** `DISPLAY`, the session bus and software drawing, over the variables it was given. */
  readonly env: NodeJS.ProcessEnv;
  /** Base address of WebKitWebDriver. */
  readonly driver: string;
  end(): Promise<void>;
}

/** Starts Xvfb, dbus-daemon and WebKitWebDriver. */
export async function startDisplay(base: NodeJS.ProcessEnv): Promise<Display> {
  const started: Running[] = [];
  const finish = async (): Promise<void> => {
    for (const running of started.toReversed()) await end(running);
  };
  try {
    const screen = [
      "-screen",
      "0",
      "1400x900x24",
      "-nolisten",
      "tcp",
      "-noreset",
      "-displayfd",
      "3",
    ];
    const xvfb = start(["Xvfb", ...screen], { env: base, extraPipe: "fd3" });
    started.push(xvfb);
    const number = await firstLine(xvfb, "Xvfb names its display");
    const bus = start(["dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address=3"], {
      env: base,
      extraPipe: "fd3",
    });
    started.push(bus);
    const address = await firstLine(bus, "dbus-daemon names its address");
    const env: NodeJS.ProcessEnv = {
      ...base,
      DISPLAY: `:${number}`,
      DBUS_SESSION_BUS_ADDRESS: address,
      LIBGL_ALWAYS_SOFTWARE: "1",
      NO_AT_BRIDGE: "1",
      GDK_BACKEND: "x11",
    };
    const driver = await startDriver(env, started);
    return { env, driver, end: finish };
  } catch (error) {
    await finish();
    throw error;
  }
}

/** The driver cannot choose a free port by itself, so a few are tried. */
async function startDriver(env: NodeJS.ProcessEnv, started: Running[]): Promise<string> {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const port = 20_000 + ((process.pid * 8 + attempt) % 30_000);
    const running = start(["WebKitWebDriver", `--port=${port}`], { env });
    const base = `http://127.0.0.1:${port}`;
    const isUp = await eventually("WebKitWebDriver answers or gives up", async () => {
      if (running.child.exitCode !== null) return false;
      return (await fetch(`${base}/status`).catch(() => undefined))?.ok;
    });
    if (isUp) {
      started.push(running);
      return base;
    }
  }
  throw new Error("WebKitWebDriver found no free port in 8 attempts");
}

async function firstLine(running: Running, words: string): Promise<string> {
  let text = "";
  const pipe = running.child.stdio[3] as Readable;
  pipe.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  return eventually(words, () => /^(.+)\n/.exec(text)?.[1]);
}
