/** The scripts as processes: what they print, how they end, that nothing of theirs stays. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../tidy/tree.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bulkhead-setup-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const setup = (name: string): string => join(root, "shell/setup", name);

function script(text: string): string {
  const path = join(folder, "script.mjs");
  writeFileSync(path, text);
  return path;
}

/** Waits until `check` holds, at most 5 s. */
async function until(check: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !check(); ) {
    if (Date.now() > end) throw new Error("not so within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

describe("run", () => {
  const use = `import { run, script, SetupError } from ${JSON.stringify(setup("run.mjs"))};\n`;

  it("gives the exit code, 127 for what does not start, 128 + n for a signal", () => {
    const path = script(
      `${use}const codes = [];
      for (const argv of [["sh", "-c", "exit 3"], ["/no/such"], ["sh", "-c", "kill -9 $$"]]) {
        codes.push((await run(argv)).code);
      }
      console.log(JSON.stringify(codes));`,
    );
    const { stdout } = spawnSync(process.execPath, [path]);
    expect(JSON.parse(String(stdout))).toEqual([3, 127, 137]);
  });

  it("prints an expected failure as one line and ends with 1", () => {
    const path = script(`${use}await script(() => { throw new SetupError("x is missing"); });`);
    const { status, stderr } = spawnSync(process.execPath, [path]);
    expect(String(stderr)).toBe("bulkhead: x is missing\n");
    expect(status).toBe(1);
  });

  it("ends what it started, grandchildren too, when it is ended itself", async () => {
    const pids = join(folder, "pids");
    const shell = `sleep 60 & echo $! $$ > ${pids}.new; mv ${pids}.new ${pids}; wait`;
    const path = script(`${use}await run(["sh", "-c", ${JSON.stringify(shell)}]);`);
    const child = spawn(process.execPath, [path], { stdio: "ignore" });
    await until(() => existsSync(pids));
    const started = readFileSync(pids, "utf8").trim().split(" ").map(Number);
    child.kill("SIGTERM");
    await once(child, "exit");
    await until(() => !started.some(isAlive));
  });
});

describe("become", () => {
  const use = `import { become } from ${JSON.stringify(setup("become.mjs"))};\n`;

  it("ends with the code of the program", () => {
    const path = script(`${use}become(["/bin/sh", "-c", "echo hello; exit 7"]);`);
    const { status, stdout } = spawnSync(process.execPath, [path]);
    expect([status, String(stdout)]).toEqual([7, "hello\n"]);
  });

  it("dies of the signal the program died of", () => {
    const path = script(`${use}become(["/bin/sh", "-c", "kill -TERM $$"]);`);
    expect(spawnSync(process.execPath, [path]).signal).toBe("SIGTERM");
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("passes %s on", async (signal) => {
    const ready = join(folder, "ready");
    const name = signal.slice(3);
    const shell = `trap 'exit 42' ${name}; touch ${ready}; while :; do sleep 0.05; done`;
    const path = script(`${use}become(["/bin/bash", "-c", ${JSON.stringify(shell)}]);`);
    const child = spawn(process.execPath, [path], { stdio: ["pipe", "ignore", "ignore"] });
    await until(() => existsSync(ready));
    child.kill(signal);
    expect((await once(child, "exit"))[0]).toBe(42);
  });
});

describe("npx bulkhead", () => {
  it("says what to do while nothing is built", () => {
    const copy = join(folder, "shell/setup");
    mkdirSync(copy, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    for (const name of ["bulkhead.mjs", "become.mjs", "paths.mjs"]) {
      writeFileSync(join(copy, name), readFileSync(setup(name)));
    }
    const { status, stderr } = spawnSync(process.execPath, [join(copy, "bulkhead.mjs"), "ps"]);
    expect(String(stderr)).toBe("bulkhead: not built yet: run npm start first\n");
    expect(status).toBe(1);
  });
});

describe("wrong words", () => {
  it.each([
    ["build.mjs", ["--only", "page"], "--only page: must be one of ui, node, rust"],
    ["test.mjs", ["--only", "rust"], "--only rust: must be one of vitest, cargo"],
  ])("%s %j are named", (name, argv, says) => {
    const { status, stderr } = spawnSync(process.execPath, [setup(name), ...argv]);
    expect(String(stderr)).toBe(`bulkhead: ${says}\n`);
    expect(status).toBe(1);
  });
});
