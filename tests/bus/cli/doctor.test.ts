import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { machineChecks, runtimeDirCheck } from "../../../bus/cli/doctor/machine.ts";
import { firstLine, probe } from "../../../bus/cli/doctor/probe.ts";
import { nodeCheck, programChecks } from "../../../bus/cli/doctor/programs.ts";
import { testWorld } from "./world.ts";

const base = mkdtempSync(join(tmpdir(), "bulkhead-doctor-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("the doctor", () => {
  it("wants Node 24 or newer", () => {
    expect(nodeCheck("24.21.0").level).toBe("ok");
    expect(nodeCheck("20.20.2")).toMatchObject({ level: "error", fix: expect.stringMatching(/./) });
  });

  it("says the fix of everything that is not well, and of nothing else", async () => {
    const world = testWorld({ env: { PATH: base, BULKHEAD_HOME: base, DISPLAY: "", HOME: base } });
    const checks = [...(await programChecks(world)), ...(await machineChecks(world, base))];
    const level = (name: string): string | undefined =>
      checks.find((check) => check.name === name)?.level;
    expect(level("bubblewrap")).toBe("warn");
    expect(level("xdg-dbus-proxy")).toBe("warn");
    expect(level("programs")).toBe("error");
    expect(level("display")).toBe("warn");
    for (const { name, level: found, fix, says } of checks) {
      expect([name, fix !== ""]).toEqual([name, found !== "ok"]);
      expect(says).not.toBe("");
    }
  });

  it("names a display that is set and does not answer", async () => {
    const checks = await machineChecks(testWorld({ env: { DISPLAY: ":987" } }), base);
    const display = checks.find(({ name }) => name === "display");
    expect(display).toMatchObject({ level: "warn", says: expect.stringContaining(":987") });
  });
});

describe("the runtime dir", () => {
  it("is good when it is ours alone, or can be made", () => {
    const path = join(base, "run");
    expect(runtimeDirCheck(path)).toMatchObject({ level: "ok" });
    mkdirSync(path, { mode: 0o700 });
    expect(runtimeDirCheck(path)).toMatchObject({ level: "ok", says: path });
    chmodSync(path, 0o755);
    expect(runtimeDirCheck(path)).toMatchObject({ level: "error", fix: `chmod 700 ${path}` });
  });

  it("is refused when a socket's path in it would be too long, with the length", () => {
    const path = join("/tmp", "x".repeat(100));
    expect(runtimeDirCheck(path).says).toContain("needs 119 bytes, at most 107");
  });
});

describe("a probe", () => {
  it("gives code and output, and -1 for what does not start", async () => {
    expect(await probe(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    const gone = await probe(["/no/such/program"]);
    expect(gone.code).toBe(-1);
    expect(firstLine(gone.stderr)).toContain("ENOENT");
  });
});
