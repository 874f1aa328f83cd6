/** The root and its keeper: how it is started, what it survives, and a keeper of another version beside it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makePlace, type Place } from "./harness/place.ts";
import { end, eventually, type Running, start } from "./harness/processes.ts";

let place: Place;
let roots: Running[];

beforeEach(() => {
  place = makePlace();
  roots = [];
});
afterEach(async () => {
  run("quit", "--all");
  for (const root of roots) await end(root);
  await place.end();
});

function run(...args: readonly string[]) {
  const { env, workspace } = place;
  return spawnSync(place.program, args, { env, cwd: workspace, encoding: "utf8", timeout: 40_000 });
}

async function serve(env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const root = start([place.program, "serve", place.workspace], {
    env: { ...place.env, ...env },
    cwd: place.workspace,
    out: "read",
  });
  roots.push(root);
  await eventually("the root says where it serves", () => {
    if (root.child.exitCode !== null) throw new Error(`ended: ${root.stderr()}`);
    return root.stdout().includes("\n") || undefined;
  });
  return root;
}

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly pid: number;
  readonly state: string;
  readonly restarts: number;
}

function rows(): Row[] {
  const lines = run("ps", "--json").stdout.split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
}

const keeperIs = (state: string): Promise<Row> =>
  eventually(`the keeper is ${state}`, () =>
    rows().find((row) => row.name === "keeper" && row.state === state),
  );

const rootLog = (): string => readFileSync(join(place.stateDir, "root.log"), "utf8");

/** A systemd of the user's that runs, and a `systemd-run` that does this. */
function fakeSystemd(script: string): NodeJS.ProcessEnv {
  mkdirSync(join(place.base, "run/systemd"), { recursive: true });
  writeFileSync(join(place.base, "run/systemd/private"), "");
  const folder = join(place.base, "fakes");
  mkdirSync(folder);
  writeFileSync(join(folder, "systemd-run"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder}:${place.env["PATH"]}` };
}

test("where a systemd runs the keeper gets a scope of its own", async () => {
  const asked = join(place.base, "asked");
  const untilProgram = 'while [ "$1" != -- ]; do shift; done; shift';
  await serve(fakeSystemd(`echo "$@" > ${asked}\n${untilProgram}\nexec "$@"`));
  await keeperIs("ready");
  expect(readFileSync(asked, "utf8")).toMatch(/^--user --scope .*bulkhead-keeper --runtime-dir/);
  expect(rootLog()).toContain("in a systemd scope");
});

test.each([
  ["refuses", "echo no bus >&2; exit 1"],
  ["hangs", "exec sleep 600"],
])("a systemd that %s is done without", async (_how, script) => {
  await serve(fakeSystemd(script));
  const { restarts } = await keeperIs("ready");
  expect(restarts).toBe(0);
  expect(rootLog()).toContain("no systemd scope can be had, started without");
});
