/**
 * Real programs under the `agent` profile: they work in the workspace and meet a closed door at what the policy
 * closes. Where this kernel lacks a part, the launcher must refuse to start them, and only that is looked at.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const LAUNCHER = resolve(import.meta.dirname, "../../dist/bin/bulkhead-launch");
const NPM = findNpm();
const TIMEOUT_MS = 50_000;
const NOT_STARTED = 125;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

let folder: string;
let workspace: string;
let refusal: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bh-programs-"));
  workspace = join(folder, "home", "ws");
  mkdirSync(join(folder, "config"));
  mkdirSync(join(workspace, "src"), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(workspace, name), text);
  const started = run("sh", "-c", "echo started");
  refusal = started.code === 0 ? "" : started.errors;
  if (refusal === "") return;
  process.stderr.write(`sandbox-programs: only the refusal is looked at: ${refusal}\n`);
  expect(started).toMatchObject({ code: NOT_STARTED, out: "" });
  expect(refusal).toContain("this kernel lacks");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILES: Readonly<Record<string, string>> = {
  ".env": "SECRET=1\n",
  "plain.txt": "plain\n",
  "src/id_rsa": "SECRET\n",
  "src/sum.js": "export const sum = (a, b) => a + b;\n",
  "package.json": JSON.stringify({
    name: "trial",
    version: "1.0.0",
    type: "module",
    scripts: { test: "node --test" },
  }),
  "sum.test.js": [
    'import assert from "node:assert/strict";',
    'import { execFileSync } from "node:child_process";',
    'import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";',
    'import { tmpdir } from "node:os";',
    'import { join } from "node:path";',
    'import test from "node:test";',
    'import { sum } from "./src/sum.js";',
    'test("sums", () => assert.equal(sum(1, 2), 3));',
    'test("a folder of its own", () => {',
    '  const own = mkdtempSync(join(tmpdir(), "x-"));',
    '  writeFileSync(join(own, "f"), "1");',
    '  assert.equal(readFileSync(join(own, "f"), "utf8"), "1");',
    "  rmSync(own, { recursive: true });",
    "});",
    'test("children", () => assert.equal(execFileSync("sh", ["-c", "cat plain.txt"]).toString(), "plain\\n"));',
    'test("closed", () => {',
    '  for (const open of [readFileSync, statSync]) assert.throws(() => open(".env"), { code: "EACCES" });',
    '  assert.ok(!readdirSync(".").includes(".env"));',
    "});",
  ].join("\n"),
  Makefile: "sum: plain.txt\n\tcat plain.txt plain.txt > sum\n\tcat .env > stolen || true\n",
};

/** The npm that belongs to a Node, wherever it is installed; empty where there is none. */
function findNpm(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((one) => join(one, "npm")).find((path) => existsSync(path)) ?? "";
}

function run(program: string, ...args: string[]): Ended {
  const ended = spawnSync(
    LAUNCHER,
    ["--parent", String(process.pid), "--profile", "agent", "--", program, ...args],
    {
      cwd: workspace,
      timeout: TIMEOUT_MS,
      env: {
        HOME: join(folder, "home"),
        PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
        LC_ALL: "C",
        BULKHEAD_WORKSPACE: workspace,
        BULKHEAD_CONFIG_DIR: join(folder, "config"),
        BULKHEAD_STATE_DIR: join(folder, "state"),
      },
    },
  );
  return { code: ended.status, out: String(ended.stdout), errors: String(ended.stderr) };
}

function isHere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** Runs `check` where programs are started at all. */
function whereStarted(check: () => void): () => void {
  return () => {
    if (refusal === "") check();
  };
}

test(
  "a shell works, and cannot show what is closed",
  whereStarted(() => {
    const script =
      "cat plain.txt; ls -A . src; grep -r SECRET . ; find . -name '*env*'; echo x > made";
    const { out, errors } = run("bash", "-c", script);
    expect(out).toContain("plain\n");
    expect(out).toContain("sum.js");
    expect(out + errors).not.toContain("SECRET=");
    expect(out).not.toContain(".env");
    expect(out).not.toContain("id_rsa");
    expect(readFileSync(join(workspace, "made"), "utf8")).toBe("x\n");
  }),
);

test.runIf(NPM !== "")(
  "npm test of a small project passes",
  whereStarted(() => {
    const { code, out, errors } = run("npm", "test");
    expect({
      code,
      failed: /(fail|not ok) [1-9]/.exec(out)?.[0],
      errors: code === 0 ? "" : errors,
    }).toEqual({
      code: 0,
      failed: undefined,
      errors: "",
    });
    expect(out).toContain("pass 4");
  }),
);

test.runIf(isHere("git"))(
  "git shows status and difference, and commits",
  whereStarted(() => {
    const git = (...args: string[]): void => {
      execFileSync("git", args, { cwd: workspace, stdio: "ignore" });
    };
    git("init", "--quiet");
    git("config", "user.name", "Trial");
    git("config", "user.email", "trial@example.invalid");
    git("add", "plain.txt");
    git("commit", "--quiet", "--message", "first");
    writeFileSync(join(workspace, "plain.txt"), "plain\nmore\n");
    const status = run("git", "status", "--short");
    expect(status).toMatchObject({ code: 0, errors: "" });
    expect(status.out).toContain(" M plain.txt");
    expect(status.out).not.toContain(".env");
    expect(run("git", "diff").out).toContain("+more");
    expect(run("git", "commit", "--quiet", "--all", "--message", "second").code).toBe(0);
    expect(run("git", "log", "--format=%s").out).toBe("second\nfirst\n");
    expect(run("git", "add", "--force", ".env").code).not.toBe(0);
    expect(run("git", "config", "core.fsmonitor", "evil").code).not.toBe(0);
    writeFileSync(join(workspace, "plain.txt"), "plain\n");
  }),
);

test.runIf(isHere("make"))(
  "make builds what is open and takes nothing that is closed",
  whereStarted(() => {
    expect(run("make")).toMatchObject({ code: 0 });
    expect(readFileSync(join(workspace, "sum"), "utf8")).toBe("plain\nplain\n");
    expect(readFileSync(join(workspace, "stolen"), "utf8")).toBe("");
  }),
);

test.runIf(isHere("python3"))(
  "python lists, reads, writes and starts programs",
  whereStarted(() => {
    const script = [
      "import os, subprocess, tempfile",
      "print(sorted(os.listdir('src')))",
      "tempfile.NamedTemporaryFile('w').write('x')",
      "print(subprocess.run(['cat', 'plain.txt'], capture_output=True).stdout.decode(), end='')",
      "for path in ['.env', 'src/id_rsa', '/proc/self/cwd/.env']:",
      "    try: open(path)",
      "    except PermissionError: print('closed')",
    ].join("\n");
    const { code, out, errors } = run("python3", "-c", script);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(out).toBe("['sum.js']\nplain\nclosed\nclosed\nclosed\n");
  }),
);

test.runIf(isHere("rg"))(
  "ripgrep searches what is open",
  whereStarted(() => {
    const found = run("rg", "--hidden", "--no-ignore", "--files-with-matches", "SECRET|plain", ".");
    expect(found.out).toContain("plain.txt");
    expect(found.out).not.toContain("id_rsa");
  }),
);

test("the code of a program is passed on, and a signal as shells tell it", () => {
  if (refusal !== "") return;
  expect(run("sh", "-c", "exit 7").code).toBe(7);
  expect(run("sh", "-c", "kill -9 $$").code).toBe(137);
});
