/** The tree keeps its own rules: import law, documents equal to code, sizes, names, links. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { VERSION } from "../bus/cli/version.ts";
import * as limits from "../bus/limits.ts";
import { Kind } from "../bus/protocol.ts";
import { readLimits, renewTable } from "../shell/setup/limits.mjs";
import { findBreaches, importsOf } from "./tidy/import-law.ts";
import { readSources, readText, root } from "./tidy/tree.ts";

const LINES_MAX = 500;
const bin = (name: string): string => join(root, "node_modules", ".bin", name);

describe("the import law", () => {
  it("holds in every folder", () => {
    expect(findBreaches(readSources(".ts", ".tsx"))).toEqual([]);
  });

  it.each([
    ["actors/model/main.ts", 'import { x } from "../terminal/session.ts";'],
    ["actors/model/main.ts", 'import { x } from "../../ui/bus.ts";'],
    ["actors/model/main.ts", 'import { x } from "xstate";'],
    ["bus/broker/route.ts", 'import { readFileSync } from "node:fs";'],
    ["bus/client.ts", 'import { unpack } from "msgpackr";'],
    ["bus/client.ts", 'import { x } from "./node/unix.ts";'],
    ["bus/supervision/machine.ts", 'import { spawn } from "node:child_process";'],
    ["bus/node/main.ts", 'import { x } from "../../actors/terminal/main.ts";'],
    ["ui/views/debug/index.tsx", 'import { x } from "../../../actors/terminal/main.ts";'],
    ["ui/bus.ts", 'import "node:process";'],
    ["ui/bus.ts", 'const x = await import("../bus/node/unix.ts");'],
    ["ui/bus.ts", 'export type { X } from "../bus/supervision/spec.ts";'],
    ["ui/bus.ts", 'import {\n  a,\n  b,\n} from "left-pad";'],
  ])("finds the breach in %s: %s", (path, text) => {
    expect(findBreaches([{ path, text }])).toHaveLength(1);
  });

  it.each([
    ["actors/terminal/main.ts", 'import { runActor } from "../runtime/index.ts";'],
    ["actors/terminal/main.ts", 'import { terminal } from "../../bus/contracts/index.ts";'],
    ["bus/codec.ts", 'import { Packr } from "msgpackr";'],
    ["ui/bus.ts", 'import { connectPeer } from "../bus/client.ts";'],
  ])("lets %s do what it may: %s", (path, text) => {
    expect(findBreaches([{ path, text }])).toEqual([]);
  });

  it("sees every form of import", () => {
    const text = [
      'import a from "one";',
      'import "two";',
      'export { b } from "three";',
      'const c = import("four");',
      'import type {\n  D,\n} from "five";',
    ].join("\n");
    expect(importsOf(text)).toEqual(["one", "two", "three", "four", "five"]);
  });

  it("is enforced by Biome where an actor imports another one", () => {
    const folder = mkdtempSync(join(tmpdir(), "bulkhead-tidy-"));
    try {
      cpSync(join(root, ".biome.json"), join(folder, ".biome.json"));
      mkdirSync(join(folder, "actors", "model"), { recursive: true });
      const text = 'import { x } from "../terminal/session.ts";\nexport const y = x;\n';
      writeFileSync(join(folder, "actors", "model", "probe.ts"), text);
      const argv = ["lint", "--only=style/noRestrictedImports", "."];
      const { status, stdout, stderr } = spawnSync(bin("biome"), argv, { cwd: folder });
      expect(String(stderr) + String(stdout)).toContain("never another actor");
      expect(status).toBe(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  describe("in TypeScript's references", () => {
    mkdirSync(join(root, "dist"), { recursive: true });
    const folder = mkdtempSync(join(root, "dist", "tidy-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it("refuses a file of a folder that is not referenced", () => {
      const config = {
        extends: "../../tsconfig.base.json",
        compilerOptions: { rootDir: "../..", outDir: "out", tsBuildInfoFile: "out/info" },
        files: ["probe.ts"],
      };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
      writeFileSync(
        join(folder, "probe.ts"),
        'import { REQUEST_TIMEOUT_MS } from "../../bus/limits.ts";\nexport const x: number = REQUEST_TIMEOUT_MS;\n',
      );
      const { status, stdout } = spawnSync(bin("tsc"), ["-p", folder], { cwd: root });
      expect(String(stdout)).toContain("TS6307");
      expect(status).not.toBe(0);
    });
  });

  it("covers every folder with a tsconfig.json that the root refers to", () => {
    const { references }: { references: { path: string }[] } = JSON.parse(
      readText("tsconfig.json"),
    );
    const known = new Set(references.map(({ path }) => path));
    const tsconfigs = readSources("tsconfig.json").map(({ path }) => dirname(path));
    expect(tsconfigs.filter((path) => !known.has(path))).toEqual([]);
  });
});

describe("PROTOCOL.md", () => {
  const document = readText("bus/PROTOCOL.md");

  it("names the kinds of protocol.ts with their numbers", () => {
    const section = document.slice(document.indexOf("## 3. Kinds"), document.indexOf("## 4."));
    const rows = [...section.matchAll(/^\| (\d+) \| ([a-z-]+) \|/gm)].map(([, no, name]) => [
      name?.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      Number(no),
    ]);
    expect(Object.fromEntries(rows)).toEqual(Kind);
  });

  it("has the limits of limits.ts (renew it: node shell/setup/limits.mjs)", () => {
    const read = readLimits(readText("bus/limits.ts"));
    expect(Object.fromEntries(read.map(({ name, value }) => [name, value]))).toEqual({ ...limits });
    expect(document).toBe(renewTable(document, read));
  });
});

describe("documents", () => {
  const documents = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "bus/PROTOCOL.md"];

  it.each(documents)("%s links only to what exists", (document) => {
    const links = [...readText(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)];
    const missing = links
      .map(([, link = ""]) => link)
      .filter((link) => !existsSync(join(root, dirname(document), link)));
    expect(missing).toEqual([]);
  });
});

describe("files", () => {
  const sources = readSources(".ts", ".tsx", ".mjs", ".rs", ".css");

  it(`have at most ${LINES_MAX} lines`, () => {
    const long = sources.filter(({ text }) => text.trimEnd().split("\n").length > LINES_MAX);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it("are named after their idea", () => {
    const vague = /(^|\/)(utils?|helpers?|common|misc)(\.|\/)/;
    expect(sources.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
  });

  it("have kebab-case names, in Rust snake_case", () => {
    const odd = sources.filter(({ path }) => {
      const name = path.split("/").at(-1) ?? "";
      const style = name.endsWith(".rs") ? /^[a-z0-9_]+\.rs$/ : /^[a-z0-9]+([-.][a-z0-9]+)*$/;
      return !style.test(name);
    });
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it("leave no marks for later", () => {
    const mark = new RegExp(
      `\\b(${["TO", "FIX"].map((word) => `${word}DO|${word}ME`).join("|")})\\b`,
    );
    expect(sources.filter(({ text }) => mark.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe("the version", () => {
  it("is the same for npm, cargo and the command line", () => {
    const { version }: { version: string } = JSON.parse(readText("package.json"));
    const [, cargo] =
      /\[workspace\.package\]\s+version = "([^"]+)"/.exec(readText("Cargo.toml")) ?? [];
    expect([version, cargo]).toEqual([VERSION, VERSION]);
  });
});

describe("the set-up", () => {
  it("imports nothing from npm, save the bundler that runs after npm ci", () => {
    const foreign = readSources(".mjs")
      .filter(({ path }) => path.startsWith("shell/setup/") && !path.endsWith("/bundle.mjs"))
      .flatMap(({ path, text }) =>
        importsOf(text)
          .filter((specifier) => !/^(\.|node:)/.test(specifier))
          .map((specifier) => `${path}: ${specifier}`),
      );
    expect(foreign).toEqual([]);
  });
});
