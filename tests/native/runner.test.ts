/** The runner as an actor of the real broker: calls, streams and its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Broker, createBroker } from "../../bus/broker/index.ts";
import { connectPeer } from "../../bus/client.ts";
import * as runner from "../../bus/contracts/runner.ts";
import { isBusError } from "../../bus/errors.ts";
import { memoryLink } from "../../bus/memory.ts";
import { socketTransport } from "../../bus/node/index.ts";
import type { Peer } from "../../bus/peer.ts";

const KEEPER = join(import.meta.dirname, "../../dist/bin/bulkhead-keeper");
/** Stands for the launcher: walls have tests of their own. */
const LAUNCHER = join(import.meta.dirname, "../../native/keeper/tests/harness/launcher.sh");
const WALL = [LAUNCHER, "--profile", "git-read", "--"];
const ENV = { PATH: "/usr/bin:/bin" };

let child: ChildProcess;
let broker: Broker;
let peer: Peer;

beforeEach(async () => {
  broker = createBroker({ hubEpoch: 1 });
  child = spawn(KEEPER, ["--runner", "--launcher", LAUNCHER], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const manifest = { calls: [], publishes: ["runner.>"], subscribes: [] };
  const ready = Promise.withResolvers<void>();
  broker.attach(
    socketTransport(child.stdio[3] as Socket),
    { kind: "actor", name: "runner", epoch: 1, manifest },
    {
      onReady: () => {
        broker.setActorState("runner", "ready");
        ready.resolve();
      },
    },
  );
  const [ours, theirs] = memoryLink();
  broker.attach(theirs, { kind: "edge", name: "cli" });
  peer = await connectPeer(ours, { hello: { name: "cli", pid: process.pid } });
  await ready.promise;
});

afterEach(async () => {
  peer.close();
  const { exitCode, signalCode } = child;
  const ended = exitCode === null && signalCode === null ? once(child, "exit") : undefined;
  broker.close();
  await ended;
});

test("a program runs with its streams and its end is published", async () => {
  const exited = Promise.withResolvers<unknown>();
  peer.subscribe(runner.exited, (value) => exited.resolve(value.exit.code));
  const argv = [...WALL, "/bin/sh", "-c", "cat; exit 3"];
  const { program, pid } = await peer.request(runner.spawn, { argv, cwd: "/", env: ENV });
  expect(pid).toBeGreaterThan(1);
  const stdout = await peer.open(runner.stdout, { program });
  const stdin = await peer.open(runner.stdin, { program });
  const sent = "x".repeat(300_000);
  const writing = stdin.write(new TextEncoder().encode(sent)).then(() => stdin.end());
  let received = 0;
  for await (const chunk of stdout) received += chunk.length;
  await writing;
  expect(received).toBe(sent.length);
  expect(await exited.promise).toBe(3);
  const { programs } = await peer.request(runner.list, {});
  expect(programs.map((row) => [row.program, row.exit?.code])).toEqual([[program, 3]]);
});

test("what cannot be run is an error with the program's name", async () => {
  const call = peer.request(runner.spawn, {
    argv: ["no-such-program"],
    cwd: "/",
    env: ENV,
    profile: "agent",
  });
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isBusError(error, "runner/not-found")).toBe(true);
  expect(String(error)).toContain("no-such-program");
});

test("nothing is left when the hub closes the link", async () => {
  const argv = [...WALL, "/bin/sh", "-c", "setsid sleep 600 & echo $!; exec sleep 600"];
  const { program, pid } = await peer.request(runner.spawn, { argv, cwd: "/", env: ENV });
  const stdout = await peer.open(runner.stdout, { program });
  let text = "";
  for await (const chunk of stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  const ended = once(child, "exit");
  broker.close();
  await ended;
  const left = [pid, Number(text)].filter((id) => existsSync(`/proc/${id}`));
  await expect.poll(() => left.filter((id) => existsSync(`/proc/${id}`))).toEqual([]);
});

test("a program without walls is not run", async () => {
  const call = peer.request(runner.spawn, { argv: ["/bin/true"], cwd: "/", env: ENV });
  await expect(call).rejects.toMatchObject({ code: "runner/not-confined" });
});

test("without a guard that records it, a program of the agent is not run", async () => {
  const call = peer.request(runner.spawn, {
    argv: ["/bin/true"],
    cwd: "/",
    env: ENV,
    profile: "agent",
  });
  await expect(call).rejects.toMatchObject({ code: "runner/not-audited" });
});
