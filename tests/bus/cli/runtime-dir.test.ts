import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  chooseRuntimeDir,
  isAlive,
  readInstance,
  runtimeDirOf,
} from "../../../bus/cli/runtime-dir.ts";
import { testWorld } from "./world.ts";

let base = "";
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "bulkhead-dir-")));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const idOf = (path: string): string => createHash("sha256").update(path).digest("hex").slice(0, 16);

function instanceAt(path: string): string {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "hub.sock"), "");
  return path;
}

describe("the runtime dir", () => {
  it("is named by the real path of the workspace", () => {
    mkdirSync(join(base, "work"));
    symlinkSync(join(base, "work"), join(base, "link"));
    const world = testWorld({ env: { XDG_RUNTIME_DIR: "/run/user/7" } });
    const expected = join("/run/user/7/bulkhead", idOf(join(base, "work")));
    expect(runtimeDirOf(join(base, "link"), world)).toBe(expected);
  });

  it("lies in a folder of this uid under /tmp without XDG_RUNTIME_DIR", () => {
    const path = runtimeDirOf(base, testWorld({ env: {} }));
    expect(path).toBe(`/tmp/bulkhead-${process.getuid?.()}/${idOf(base)}`);
  });

  it("is the one asked for, relative to the folder, whatever else runs", () => {
    const running = instanceAt(join(base, "other"));
    const world = testWorld({ cwd: base, env: { BULKHEAD_RUNTIME_DIR_DEFAULT: running } });
    expect(chooseRuntimeDir("mine", world)).toBe(join(base, "mine"));
  });

  it("is the first that runs: the root's, the shell's, the parents'", () => {
    const cwd = join(base, "work/deep/down");
    mkdirSync(cwd, { recursive: true });
    const env: Record<string, string> = {
      XDG_RUNTIME_DIR: join(base, "run"),
      BULKHEAD_RUNTIME_DIR_DEFAULT: join(base, "default"),
      BULKHEAD_RUNTIME_DIR: join(base, "shell"),
    };
    const world = testWorld({ cwd, env });
    expect(chooseRuntimeDir(undefined, world)).toBe(join(base, "default"));
    const parent = instanceAt(runtimeDirOf(join(base, "work"), world));
    expect(chooseRuntimeDir(undefined, world)).toBe(parent);
    const shell = instanceAt(join(base, "shell"));
    expect(chooseRuntimeDir(undefined, world)).toBe(shell);
    const first = instanceAt(join(base, "default"));
    expect(chooseRuntimeDir(undefined, world)).toBe(first);
  });

  it("tells of its instance only when the root wrote so", () => {
    expect(readInstance(base)).toBeUndefined();
    writeFileSync(join(base, "instance.json"), "{not json");
    expect(readInstance(base)).toBeUndefined();
    writeFileSync(join(base, "instance.json"), '{"pid": "7"}');
    expect(readInstance(base)).toBeUndefined();
    const instance = { pid: 7, workspace: "/w", mode: "browser", version: "0.1.0" };
    writeFileSync(join(base, "instance.json"), JSON.stringify(instance));
    expect(readInstance(base)).toEqual(instance);
  });

  it("tells a living process from one that never was", () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(0x3fffffff)).toBe(false);
  });

  it("is not alive when it has ended and nobody has reaped it", async () => {
    // The shell becomes a program that knows nothing of its child.
    const parent = spawn("/bin/sh", ["-c", "true & echo $!; exec sleep 30"]);
    try {
      const [line] = await once(parent.stdout, "data");
      await expect.poll(() => isAlive(Number(String(line)))).toBe(false);
    } finally {
      parent.kill("SIGKILL");
    }
  });
});
