import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { integrate } from "../../../actors/terminal/integration.ts";
import { NodePtyBackend } from "../../../actors/terminal/node-pty-backend.ts";
import type { TerminalSession } from "../../../actors/terminal/session.ts";
import { until } from "./real-keeper.ts";
import { openTable, request, show, TestView, typist } from "./real-table.ts";

// Real processes on a machine that may be busy: the bounds inside the tests are the tighter ones.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let backend: NodePtyBackend;
const folders: string[] = [];

beforeAll(async () => {
  backend = await NodePtyBackend.load(() => Date.now());
});

afterAll(async () => {
  await backend.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Shell {
  readonly session: TerminalSession;
  readonly view: TestView;
  readonly type: (text: string) => void;
  readonly home: string;
}

const STARTUP: Readonly<Record<string, (home: string) => void>> = {
  bash(home) {
    writeFileSync(
      join(home, ".bashrc"),
      "OWN_RC=bashrc\nPS1='own> '\nPROMPT_COMMAND='OWN_HOOK=$?'\nHISTCONTROL=ignoreboth\nalias own='echo aliased'\n",
    );
    writeFileSync(join(home, ".bash_profile"), "OWN_PROFILE=yes\n. ~/.bashrc\n");
  },
  zsh(home) {
    mkdirSync(join(home, "dots"));
    writeFileSync(join(home, ".zshenv"), "OWN_ENV=zshenv\nexport ZDOTDIR=$HOME/dots\n");
    writeFileSync(
      join(home, "dots", ".zshrc"),
      "OWN_RC=zshrc-$OWN_ENV\nPS1='own> '\nprecmd() { OWN_HOOK=$? }\nalias own='echo aliased'\n",
    );
  },
  fish(home) {
    mkdirSync(join(home, ".config/fish"), { recursive: true });
    writeFileSync(
      join(home, ".config/fish/config.fish"),
      "set -g OWN_RC fishrc\nfunction fish_prompt; set -g OWN_HOOK $status; echo -n 'own> '; end\nalias own='echo aliased'\n",
    );
  },
};

async function start(name: string, argv: readonly string[] = [`/usr/bin/${name}`]): Promise<Shell> {
  const home = mkdtempSync(join(tmpdir(), "bulkhead-home-"));
  folders.push(home);
  STARTUP[name]?.(home);
  const { table } = openTable(backend, home, {});
  const env = { HOME: home, PATH: "/usr/bin:/bin", LANG: "C.UTF-8", SHELL: "/bin/sh" };
  const session = await table.create(request({ argv: [...argv], env, cwd: home }));
  const view = show(session, new TestView());
  await until(
    () => view.text.includes("own> "),
    () => `no prompt: ${JSON.stringify(view.text)}`,
  );
  return { session, view, type: await typist(backend, session), home };
}

/** Types a line and waits for the end of its command. */
async function run(
  shell: Shell,
  line: string,
): Promise<{ command: string; exitCode: number | null; output: string }> {
  const from = shell.view.text.length;
  const before = shell.session.describe().command;
  shell.type(`${line}\r`);
  const last = () => shell.session.describe().command;
  await until(
    () =>
      last() !== before &&
      last()?.state === "ended" &&
      shell.view.text.slice(from).includes("own> "),
    () => `${line} did not end: ${JSON.stringify([last(), shell.view.text.slice(from)])}`,
  );
  const done = last();
  return {
    command: done?.command ?? "",
    exitCode: done?.exitCode ?? null,
    output: shell.view.text.slice(from),
  };
}

describe.each(["bash", "zsh", "fish"])("%s with integration", (name) => {
  test("reads the person's own files, in order, and keeps their prompt and hooks", async () => {
    const shell = await start(name);
    expect(shell.session.describe().integration).toBe(name);
    const { output } = await run(shell, "echo rc=$OWN_RC; own");
    expect(output).toContain(`rc=${{ bash: "bashrc", zsh: "zshrc-zshenv", fish: "fishrc" }[name]}`);
    expect(output).toContain("aliased");
  });

  test("tells each command line with its exit code", async () => {
    const shell = await start(name);
    expect(await run(shell, "true")).toMatchObject({ command: "true", exitCode: 0 });
    expect(await run(shell, "sh -c 'exit 7'")).toMatchObject({
      command: "sh -c 'exit 7'",
      exitCode: 7,
    });
    const odd = "echo 'a; b' \\\\ é";
    expect(await run(shell, odd)).toMatchObject({ command: odd, exitCode: 0 });
  });

  test("leaves the status of a command to the person's hooks", async () => {
    const shell = await start(name);
    await run(shell, "sh -c 'exit 5'");
    const { output } = await run(shell, "echo hook=$OWN_HOOK");
    expect(output).toContain("hook=5");
  });

  test("tells the folder, with signs that need escaping", async () => {
    const shell = await start(name);
    const folder = join(shell.home, "a b%ü;x");
    mkdirSync(folder);
    await run(shell, `cd "${folder}"`);
    await until(
      () => shell.session.describe().cwd === folder,
      () => shell.session.describe().cwd,
    );
    expect(shell.view.text).toContain(`file://${hostname()}/`);
  });

  test("tells a command that is repeated", async () => {
    const shell = await start(name);
    await run(shell, "echo same");
    expect(await run(shell, "echo same")).toMatchObject({ command: "echo same", exitCode: 0 });
    expect(await run(shell, "echo same")).toMatchObject({ command: "echo same", exitCode: 0 });
  });

  test("tells a running command before it ends", async () => {
    const shell = await start(name);
    shell.type("sleep 0.3\r");
    await until(() => shell.session.describe().command?.state === "running");
    expect(shell.session.describe().command?.command).toBe("sleep 0.3");
    await until(() => shell.session.describe().command?.state === "ended");
    expect(shell.session.describe().command?.durationMs).toBeGreaterThan(200);
  });

  test("makes no mark of an empty line", async () => {
    const shell = await start(name);
    await run(shell, "false");
    const before = shell.session.describe().command;
    const prompts = () => shell.view.text.split("own> ").length;
    const count = prompts();
    shell.type("\r");
    await until(() => prompts() > count);
    expect(shell.session.describe().command).toEqual(before);
  });

  test("leaves nothing of itself in the environment of what it starts", async () => {
    const shell = await start(name);
    const { output } = await run(shell, "env | grep -i bulkhead | sort | tr '\\n' ' '");
    const names = [...output.matchAll(/\b(BULKHEAD_\w+|__bulkhead\w*)=/gu)].map(
      (match) => match[1],
    );
    expect(names).toEqual(["BULKHEAD_RUNTIME_DIR", "BULKHEAD_SESSION"]);
  });
});

test("zsh gets its ZDOTDIR back", async () => {
  const shell = await start("zsh");
  const { output } = await run(shell, "echo dots=$ZDOTDIR");
  expect(output).toContain(`dots=${join(shell.home, "dots")}`);
});

test("bash as a login shell reads the login files", async () => {
  const shell = await start("bash", ["/usr/bin/bash", "-l"]);
  const { output } = await run(shell, "echo profile=$OWN_PROFILE rc=$OWN_RC");
  expect(output).toContain("profile=yes rc=bashrc");
});

test("a command kept out of bash's history by a space is not told", async () => {
  const shell = await start("bash");
  await run(shell, "echo one");
  expect(await run(shell, " echo secret")).toMatchObject({ command: "", exitCode: 0 });
});

test("bash with a DEBUG trap of its own keeps it", async () => {
  const shell = await start("bash");
  await run(shell, "trap 'echo trapped' DEBUG");
  const { output } = await run(shell, "echo hello");
  expect(output).toContain("trapped");
});

test("a shell that is given a script, and one that is no shell, start as they were asked for", () => {
  const env = { PATH: "/bin" };
  for (const argv of [
    ["/bin/bash", "-c", "true"],
    ["/bin/zsh", "x.sh"],
    ["/usr/bin/vim"],
    ["/bin/sh"],
  ]) {
    expect(integrate(argv, env)).toEqual({ argv, env, integration: "none" });
  }
});

test("without the scripts a shell starts as it was asked for", () => {
  const argv = ["/bin/bash"];
  expect(existsSync("/none")).toBe(false);
  expect(integrate(argv, {}, "/none")).toEqual({ argv, env: {}, integration: "none" });
});
