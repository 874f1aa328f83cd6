/**
 * What an actor may do: a fixture that tries, under the profile of each real actor and under none. Where this
 * kernel lacks a wall the row must say so, and only then is an attempt allowed to get through.
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { method } from "../../bus/contracts/define.ts";
import { fixture, type HubUnderTest, QUICK, startHub } from "./hub-harness.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const CODE = ["actors", "bus", "node_modules", "package.json", "tests"].map((name) =>
  join(CHECKOUT, name),
);
const Probe = v.object({ missing: v.array(v.string()) });
const { missing } = v.parse(
  Probe,
  JSON.parse(execFileSync(join(CHECKOUT, "dist/bin/bulkhead-launch"), ["--probe"]).toString()),
);
if (missing.length > 0) {
  process.stderr.write(`walls: this kernel lacks ${missing.join(", ")}: the row must say so\n`);
}

const attempt = method<{ what: string; target: string }, { answer: string }>("intruder.try", {
  input: v.object({ what: v.string(), target: v.string() }),
  output: v.object({ answer: v.string() }),
});

let folder: string;
let listener: Server;
let port: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bh-walls-"));
  mkdirSync(join(folder, "ws"));
  writeFileSync(join(folder, "ws", "plain.txt"), "contents", { mode: 0o644 });
  listener = createServer((socket) => socket.destroy());
  await new Promise<void>((ready) => listener.listen(0, "127.0.0.1", ready));
  const address = listener.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(() => {
  listener.close();
  rmSync(folder, { recursive: true, force: true });
});

async function intrude(profile: string | undefined): Promise<HubUnderTest> {
  const child = { name: "intruder", script: fixture("intruder"), reads: CODE };
  const hub = await startHub({
    drill: { timings: QUICK, children: [profile === undefined ? child : { ...child, profile }] },
    env: { BULKHEAD_WORKSPACE: join(folder, "ws"), SSH_AUTH_SOCK: "/tmp/agent", LD_DEBUG: "no" },
  });
  await hub.until("intruder", "ready");
  return hub;
}

describe("without a profile", () => {
  let hub: HubUnderTest;
  beforeAll(async () => {
    hub = await intrude(undefined);
  });
  afterAll(() => hub.end());

  test("every attempt succeeds, so that the others prove something", async () => {
    const path = join(folder, "ws", "plain.txt");
    const tries: Array<[string, string]> = [
      ["read", path],
      ["list", join(folder, "ws")],
      ["write", join(folder, "new.txt")],
      ["run", "/bin/true"],
      ["folderOf", String(process.pid)],
      ["listen", join(folder, "sock")],
      ["connect", join(hub.runtimeDir, "hub.sock")],
      ["connectPort", String(port)],
      ["datagram", ""],
    ];
    for (const [what, target] of tries) {
      expect([what, (await hub.peer.request(attempt, { what, target })).answer]).toEqual([
        what,
        "done",
      ]);
    }
  });
});

describe.each(["editor-sync", "git", "terminal", "model", "mcp", "file-guard"])(
  "profile %s",
  (profile) => {
    let hub: HubUnderTest;
    beforeAll(async () => {
      hub = await intrude(profile);
    });
    afterAll(() => hub.end());

    const answers = async (what: string, target = ""): Promise<string> =>
      (await hub.peer.request(attempt, { what, target })).answer;

    test("the row says what confines it", async () => {
      const { sandbox } = await hub.row("intruder");
      expect(sandbox).toMatch(missing.length === 0 ? /^confined: / : /^degraded: .*without/);
    });

    test("what belongs to life works", async () => {
      expect(await answers("listenAny")).toBe("done");
      expect(await answers("user")).toBe("done");
      const own = join(hub.stateDir, "actors", "intruder");
      expect(await answers("write", join(own, "note"))).toBe("done");
      expect(await answers("read", join(own, "note"))).toBe("done");
      expect(statSync(own).mode & 0o777).toBe(0o700);
    });

    test.runIf(missing.length === 0)(
      "no file of a person is opened, but by the guard",
      async () => {
        const mine = profile === "file-guard" ? "done" : "EACCES";
        expect(await answers("read", join(folder, "ws", "plain.txt"))).toBe(mine);
        expect(await answers("list", join(folder, "ws"))).toBe(mine);
        expect(await answers("write", join(folder, "ws", "made.txt"))).toBe(mine);
        expect(existsSync(join(folder, "ws", "made.txt"))).toBe(mine === "done");
        rmSync(join(folder, "ws", "made.txt"), { force: true });
        expect(await answers("read", "/etc/shadow")).toBe("EACCES");
        expect(await answers("write", join(folder, "out.txt"))).toBe("EACCES");
        expect(await answers("read", join(hub.runtimeDir, "token"))).toBe("EACCES");
        expect(await answers("link", join(folder, "ws", "plain.txt"))).toMatch(
          mine === "done" ? "done" : /^(EXDEV|EACCES)$/,
        );
        const mode = await answers("chmod", join(folder, "ws", "plain.txt"));
        expect(mode).toBe(mine === "done" ? "done" : "EPERM");
        expect(readFileSync(join(folder, "ws", "plain.txt"), "utf8")).toBe("contents");
      },
    );

    test.runIf(missing.length === 0)("other processes are out of reach", async () => {
      const hubPid = String(hub.process.pid);
      expect(await answers("folderOf", hubPid)).toBe("EACCES");
      expect(await answers("read", `/proc/${hubPid}/environ`)).toBe("EACCES");
      expect(await answers("read", `/proc/${hubPid}/mem`)).toBe("EACCES");
      expect(await answers("signal", hubPid)).toBe("EPERM");
      expect(await answers("run", "/bin/true")).toBe("EPERM");
    });

    test.runIf(missing.length === 0)(
      "no unix socket, and TCP only as the profile says",
      async () => {
        const own = join(hub.stateDir, "actors", "intruder");
        expect(await answers("listen", join(own, "sock"))).toBe("EPERM");
        expect(await answers("listen", "\0bulkhead-walls")).toBe("EPERM");
        expect(await answers("connect", join(hub.runtimeDir, "hub.sock"))).toBe("EPERM");
        const networked = profile === "model" || profile === "mcp";
        expect(await answers("connectPort", String(port))).toMatch(
          networked ? /^EACCES$/ : /^EPERM$/,
        );
        expect(await answers("listenAt", "18099")).toBe("EACCES");
        expect(await answers("datagram")).toBe(networked ? "done" : "EPERM");
      },
    );

    test("the environment is scrubbed of what is not its business", async () => {
      const names = (await answers("environment")).split(" ");
      expect(names).toContain("BULKHEAD_ACTOR");
      expect(names.includes("SSH_AUTH_SOCK")).toBe(profile === "terminal");
      expect(names.includes("LD_DEBUG")).toBe(profile === "terminal");
    });
  },
);
