/**
 * A process of the same person that has no token: it may knock, but neither reads, calls, takes a place, nor keeps
 * anybody out. (What a process of the same person can do by file or by signal is the sandbox's matter.)
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectPeer } from "../../bus/client.ts";
import { info } from "../../bus/contracts/hub.ts";
import { isBusError } from "../../bus/errors.ts";
import { connectUnix } from "../../bus/node/index.ts";
import { Kind } from "../../bus/protocol.ts";
import { eventually } from "../window/harness/processes.ts";
import { Writer } from "./hostile/frames.ts";
import { openRaw } from "./hostile/raw-link.ts";
import { startWhole, type Whole } from "./hostile/whole.ts";

let whole: Whole;
beforeEach(async () => {
  whole = startWhole();
  await whole.ready();
});
afterEach(() => whole.end());

/** Comes in with the token and goes again. */
async function visit(name: string): Promise<true> {
  const token = readFileSync(inRuntime(name === "hub.sock" ? "token" : "keeper-1.token"));
  const hello = { name: "cli", pid: process.pid, token: new Uint8Array(token) };
  const peer = await connectPeer(await connectUnix(inRuntime(name)), { hello });
  peer.close();
  return true;
}

const inRuntime = (name: string): string => join(whole.place.runtimeDir, name);

test.each(["hub.sock", "keeper-1.sock"])(
  "%s refuses without the token, whatever is tried",
  async (name) => {
    const guesses = [undefined, new Uint8Array(0), new Uint8Array(32), new Uint8Array(33)];
    for (const token of guesses) {
      const hello = { name: "cli", pid: process.pid, ...(token === undefined ? {} : { token }) };
      const refused = await connectPeer(await connectUnix(inRuntime(name)), { hello }).catch(
        (error: unknown) => error,
      );
      expect(isBusError(refused, "bus/unauthorized")).toBe(true);
    }
    const before = openRaw({ path: inRuntime(name) });
    const writer = new Writer();
    const subject = name === "hub.sock" ? "hub.quit" : "keeper.shutdown";
    before.write(
      writer.frame({
        fields: { kind: Kind.request, correlation: 1 },
        subject,
        value: { all: true },
      }),
    );
    await before.closed();
    expect(before.text()).toContain("bus/");
    const peer = await whole.attached();
    expect((await peer.request(info, {})).hubEpoch).toBe(1);
    peer.close();
  },
);

test("no process shows a secret in its environment or its arguments, and every secret is private", async () => {
  const names = ["token", "keeper-1.token", "session.key"];
  await eventually("the secrets are there", () =>
    names.every((name) => existsSync(inRuntime(name))) ? true : undefined,
  );
  const secrets = names.flatMap((name) => {
    const bytes = readFileSync(inRuntime(name));
    expect(statSync(inRuntime(name)).mode & 0o777, name).toBe(0o600);
    return [bytes.toString("latin1"), bytes.toString("hex"), bytes.toString("base64")];
  });
  expect(statSync(whole.place.runtimeDir).mode & 0o777).toBe(0o700);
  const running = whole.kin.alive();
  expect(running.length).toBeGreaterThan(3);
  for (const { pid, name } of running) {
    const shown = ["environ", "cmdline"].map((file) =>
      readFileSync(`/proc/${pid}/${file}`).toString("latin1"),
    );
    for (const secret of secrets) expect(shown.join("\n").includes(secret), name).toBe(false);
  }
});

test.each(["hub.sock", "keeper-1.sock"])(
  "another socket put in the place of %s is found and replaced",
  async (name) => {
    const impostor = createServer((socket) => socket.destroy());
    const beside = join(whole.place.base, "evil.sock");
    await new Promise<void>((resolve) => {
      impostor.listen(beside, resolve);
    });
    try {
      renameSync(beside, inRuntime(name));
      await eventually("the real one answers there again", () =>
        visit(name).catch(() => undefined),
      );
    } finally {
      impostor.close();
    }
  },
);

test.each(["hub.sock", "keeper-1.sock"])("a removed %s comes back", async (name) => {
  rmSync(inRuntime(name));
  await eventually("it is there again", () => (existsSync(inRuntime(name)) ? true : undefined));
  const { env, program, workspace } = whole.place;
  await eventually("a command reaches the hub", () =>
    spawnSync(program, ["ps"], { env, cwd: workspace }).status === 0 ? true : undefined,
  );
});

test("a runtime dir that somebody else has made is refused with the owner's number", () => {
  if (process.getuid?.() !== 0) return;
  const { base, env, program, workspace } = whole.place;
  const foreign = join(base, "foreign");
  mkdirSync(foreign, { mode: 0o700 });
  chownSync(foreign, 65_534, 65_534);
  const refused = spawnSync(program, ["serve", workspace, "--runtime-dir", foreign], {
    env,
    encoding: "utf8",
    timeout: 30_000,
  });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("belongs to uid 65534");
  chmodSync(foreign, 0o700);
});

test("a folder above the runtime dir that others may write to is refused", () => {
  const { base, env, program, workspace } = whole.place;
  const shared = join(base, "shared");
  mkdirSync(shared);
  execFileSync("chmod", ["0777", shared]);
  const refused = spawnSync(program, ["serve", workspace, "--runtime-dir", join(shared, "r")], {
    env,
    encoding: "utf8",
    timeout: 30_000,
  });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("can be written by others");
});

test("signals that say nothing to the root change nothing", async () => {
  const peer = await whole.attached();
  for (const signal of ["SIGUSR1", "SIGWINCH", "SIGCONT", "SIGPIPE", "SIGURG"] as const) {
    for (let turn = 0; turn < 50; turn += 1) process.kill(whole.root.pid, signal);
  }
  expect((await peer.request(info, {})).hubEpoch).toBe(1);
  expect(whole.root.child.exitCode ?? whole.root.child.signalCode).toBe(null);
  peer.close();
});
