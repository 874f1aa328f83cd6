import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Backend, OutputPipe } from "../../../actors/terminal/backend.ts";
import { NodePtyBackend } from "../../../actors/terminal/node-pty-backend.ts";
import { type RealKeeper, startKeeper, until } from "./real-keeper.ts";

// Real processes on a machine that may be busy: the bounds inside the tests are the tighter ones.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const env = { PATH: "/usr/local/bin:/usr/bin:/bin", TERM: "xterm-256color", LC_ALL: "C.UTF-8" };

interface Sink {
  text: string;
  bytes: number;
}

/** Takes everything and grants it at once. */
function drain(pipe: OutputPipe): Sink {
  const sink: Sink = { text: "", bytes: 0 };
  const decoder = new TextDecoder();
  pipe.onChunk((chunk) => {
    sink.bytes += chunk.length;
    sink.text += decoder.decode(chunk, { stream: true });
    pipe.consumed(chunk.length);
  });
  return sink;
}

let keeper: RealKeeper;
const backends = new Map<string, Backend>();

beforeAll(async () => {
  keeper = await startKeeper();
  backends.set("keeper", await keeper.backend());
  backends.set("node-pty", await NodePtyBackend.load(() => Date.now()));
});

afterAll(async () => {
  for (const backend of backends.values()) await backend.close();
  await keeper.stop();
});

describe.each(["keeper", "node-pty"])("the %s backend", (name) => {
  const backend = (): Backend => {
    const found = backends.get(name);
    if (found === undefined) throw new Error(`no backend ${name}`);
    return found;
  };
  const create = (...argv: string[]) =>
    backend().create({ argv, cwd: "/", env, cols: 80, rows: 24, meta: new Uint8Array([1]) });
  const run = async (script: string) => {
    const { key } = await create("/bin/sh", "-c", script);
    const pipe = await backend().attach(key, 0);
    return { key, pipe, sink: drain(pipe) };
  };

  test("runs a program in its folder, size and environment and tells its exit code", async () => {
    const { pipe, sink } = await run(
      "pwd; stty size; echo $LC_ALL; read x; exit 7".replace("read x;", "sleep 0.2;"),
    );
    const exit = await pipe.done;
    expect(exit).toMatchObject({ code: 7, signal: null });
    expect(exit.ranMs).toBeGreaterThan(100);
    expect(sink.text).toBe("/\r\n24 80\r\nC.UTF-8\r\n");
  });

  test("names the signal that ended a program", async () => {
    const { pipe } = await run("sleep 0.1; kill -TERM $$");
    expect(await pipe.done).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  test("lists what was created with its meta", async () => {
    const { key, pid } = await create("/bin/cat");
    const row = (await backend().list()).find((other) => other.key === key);
    expect(row).toMatchObject({ pid, argv: ["/bin/cat"], cols: 80, rows: 24, exit: null, head: 0 });
    await backend().setMeta(key, new Uint8Array([9, 9]));
    const again = (await backend().list()).find((other) => other.key === key);
    expect([...(again?.meta ?? [])]).toEqual([9, 9]);
    await backend().end(key, 100);
  });

  test("writes input and acknowledges it; a writer goes on where it was", async () => {
    const { key, pipe, sink } = await run("stty -echo; echo ready; cat");
    await until(() => sink.text.includes("ready"));
    const input = await backend().input(key, "w1");
    expect(input.offset).toBe(0);
    let written = 0;
    input.onWritten = (bytes) => {
      written += bytes;
    };
    input.write(new TextEncoder().encode("hello\n"));
    await until(() => written === 6 && sink.text.includes("hello\r\n"));
    input.close();
    const next = await backend().input(key, "w1");
    expect([next.offset, next.received]).toEqual([6, 6]);
    expect((await backend().input(key, "w2")).offset).toBe(0);
    await backend().end(key, 100);
    await pipe.done;
  });

  test("takes nothing more from a writer's pipe that a second one has replaced", async () => {
    const { key, pipe, sink } = await run("stty -echo; echo ready; cat");
    await until(() => sink.text.includes("ready"));
    const first = await backend().input(key, "w1");
    const second = await backend().input(key, "w1");
    first.write(new TextEncoder().encode("late\n"));
    second.write(new TextEncoder().encode("kept\n"));
    await until(() => sink.text.includes("kept"));
    await expect(first.done).rejects.toThrow();
    expect(sink.text).not.toContain("late");
    expect((await backend().input(key, "w1")).offset).toBe(5);
    await backend().end(key, 100);
    await pipe.done;
  });

  test("resizes while output runs and loses none", async () => {
    const { key, pipe, sink } = await run(
      "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; sleep 0.3",
    );
    for (let i = 0; i < 20; i++) await backend().resize(key, 60 + i, 20 + i);
    await until(() => sink.text.includes("line 1999\r\n"));
    await pipe.done;
    const lines = sink.text.split("\r\n").filter((line) => line !== "");
    expect(lines).toEqual(Array.from({ length: 2000 }, (_, i) => `line ${i}`));
  });

  test("holds a program back while nothing is consumed", async () => {
    const { key } = await create("/bin/sh", "-c", "yes");
    const pipe = await backend().attach(key, 0);
    let got = 0;
    pipe.onChunk((chunk) => {
      got += chunk.length;
    });
    await until(() => got > 64 * 1024);
    let before = -1;
    await until(() => {
      const isStill = got === before;
      before = got;
      return isStill;
    });
    // One window, one frame that may take the credit below 0, and what node-pty had read already.
    expect(got).toBeLessThanOrEqual((128 + 64 + 64) * 1024);
    await backend().end(key, 100);
  });

  test("ends a program that ignores HUP after the grace time", async () => {
    const { key, pipe, sink } = await run("trap '' HUP; echo ready; while :; do sleep 0.05; done");
    await until(() => sink.text.includes("ready"));
    await backend().end(key, 200);
    expect(await pipe.done).toMatchObject({ signal: "SIGKILL" });
  });

  test("a second reader takes over from the first without a gap", async () => {
    const { key, pipe, sink } = await run(
      "i=0; while [ $i -lt 300 ]; do echo n$i; i=$((i+1)); sleep 0.002; done; sleep 0.3",
    );
    await until(() => sink.bytes > 200);
    const at = sink.bytes;
    pipe.done.catch(() => undefined);
    const second = await backend().attach(key, sink.bytes);
    expect(second.offset).toBe(at);
    const rest = drain(second);
    await second.done;
    const all = sink.text.slice(0, at) + rest.text;
    const lines = all.split("\r\n").filter((line) => line !== "");
    expect(lines).toEqual(Array.from({ length: 300 }, (_, i) => `n${i}`));
  });

  test("keeps one screen of a session", async () => {
    const { key } = await create("/bin/cat");
    expect(await backend().getScreen(key)).toBeNull();
    const blob = new Uint8Array([1, 2, 3]);
    await backend().putScreen(key, { offset: 0, cols: 80, rows: 24, blob });
    const kept = await backend().getScreen(key);
    expect(kept).toMatchObject({ offset: 0, cols: 80, rows: 24 });
    expect([...(kept?.blob ?? [])]).toEqual([1, 2, 3]);
    await backend().end(key, 100);
  });

  test("says which session is not there", async () => {
    await expect(backend().resize("none", 80, 24)).rejects.toMatchObject({
      code: "terminal/no-such-session",
    });
    await expect(backend().attach("none", 0)).rejects.toMatchObject({
      code: "terminal/no-such-session",
    });
  });

  test("forgets an ended session", async () => {
    const { key, pipe } = await run("exit 0");
    await pipe.done;
    await until(() =>
      backend()
        .forget(key)
        .then(
          () => true,
          () => false,
        ),
    );
    expect((await backend().list()).some((row) => row.key === key)).toBe(false);
  });
});
