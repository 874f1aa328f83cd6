/** Every operation of the contract against every way to a closed file, over the bus, for every principal. */
import { readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as contract from "../../../bus/contracts/file-guard.ts";
import type { Peer } from "../../../bus/peer.ts";
import type { Principal } from "../../../bus/protocol.ts";
import { openGuard, type RealGuard, SECRET, textOf } from "./real-guard.ts";

const FILES = { include: [], exclude: [], withIgnored: true, filesMax: 0 };
const SEARCH = { pattern: SECRET, isRegex: false, wholeWords: false, matchesMax: 0, files: FILES };

/** Ways to a secret: what a person could type, and what lies in the workspace to lead there. */
const WAYS = [
  ".env",
  "./src/../.env",
  "src/none/.env",
  ".ENV.bak~",
  "second.txt",
  "to-env",
  "to-npmrc",
  "to-home/.ssh/id_ed25519",
  "../.npmrc",
  "/proc/self/environ",
] as const;

let guard: RealGuard;
beforeEach(async () => {
  guard = await openGuard();
  const at = (name: string) => join(guard.workspace, name);
  symlinkSync(".env", at("to-env"));
  symlinkSync("../.npmrc", at("to-npmrc"));
  symlinkSync("..", at("to-home"));
  guard.write(".ENV.bak~", SECRET);
});
afterEach(() => guard.close());

type Attempt = (peer: Peer, path: string) => Promise<unknown>;

const LOOKS: Readonly<Record<string, Attempt>> = {
  list: (peer, path) => peer.request(contract.list, { path }),
  stat: (peer, path) => peer.request(contract.stat, { path }),
  read: (peer, path) => peer.request(contract.read, { path, offset: 0, length: 100 }),
  content: (peer, path) => peer.open(contract.content, { path }),
  find: (peer, path) => peer.open(contract.find, { path, options: FILES }),
  search: (peer, path) => peer.open(contract.search, { path, ...SEARCH }),
  watch: (peer, path) => peer.open(contract.watch, { path }),
};
const bytes = new Uint8Array(1);
const CHANGES: Readonly<Record<string, Attempt>> = {
  save: (peer, path) => peer.request(contract.save, { path, bytes, mayCreate: false }),
};
/** These change a name: a symlink or hard link with an open name may get another one, or none. */
const NAMES: Readonly<Record<string, Attempt>> = {
  "create a file": (peer, path) => peer.request(contract.createFile, { path }),
  "create a folder": (peer, path) => peer.request(contract.createFolder, { path }),
  "rename from": (peer, from) => peer.request(contract.rename, { from, to: "moved.txt" }),
  "rename to": (peer, to) => peer.request(contract.rename, { from: "open.txt", to }),
  trash: (peer, path) => peer.request(contract.trash, { path }),
};
const OPEN_NAMES: readonly string[] = ["second.txt", "to-env", "to-npmrc"];

describe.each<Principal>(["person", "agent", "mcp:files"])("%s", (principal) => {
  it.each(Object.entries({ ...LOOKS, ...CHANGES }))("cannot %s", async (_name, attempt) => {
    const peer = await guard.peer(principal);
    for (const path of WAYS) {
      const answer = await attempt(peer, path).catch((error: unknown) => error);
      expect([path, answer]).toMatchObject([path, { code: "file-guard/denied" }]);
    }
  });

  it.each(Object.entries(NAMES))("cannot %s of a closed name", async (_name, attempt) => {
    const peer = await guard.peer(principal);
    for (const path of WAYS.filter((way) => !OPEN_NAMES.includes(way))) {
      const answer = await attempt(peer, path).catch((error: unknown) => error);
      expect([path, answer]).toMatchObject([path, { code: "file-guard/denied" }]);
    }
  });

  it("finds no secret in the whole workspace", async () => {
    const peer = await guard.peer(principal);
    const search = await peer.open(contract.search, { path: "", ...SEARCH });
    expect(await textOf(search)).toBe("");
    const find = await peer.open(contract.find, { path: "", options: FILES });
    expect((await textOf(find)).split("\0").filter(Boolean)).toEqual([
      ".git/config",
      "open.txt",
      "src/main.ts",
    ]);
  });

  it("is told the rule, and nothing of what is there", async () => {
    const peer = await guard.peer(principal);
    for (const path of WAYS) {
      const { isAllowed, denial } = await peer.request(contract.check, { path, op: "read" });
      expect([path, isAllowed, denial?.principal]).toEqual([path, false, principal]);
    }
  });
});

it("these ways lead a naive guard to the secret", () => {
  // Looks at the real path and at the name, as many do, but not at second names and copies.
  const naive = (path: string): string | undefined => {
    const real = realpathSync(join(guard.workspace, path));
    const isClosed = !real.startsWith(guard.workspace) || real.endsWith("/.env");
    return isClosed ? undefined : readFileSync(real, "utf8");
  };
  expect([naive("second.txt"), naive(".ENV.bak~")]).toEqual([SECRET, SECRET]);
  // And one that looks at the text alone.
  const naiver = (path: string): string => readFileSync(join(guard.workspace, path), "utf8");
  for (const way of ["to-env", "to-npmrc", "to-home/.ssh/id_ed25519", "../.npmrc"]) {
    expect([way, naiver(way)]).toEqual([way, SECRET]);
  }
});

it("a path is judged as the bytes it is", async () => {
  const peer = await guard.peer("agent");
  const stat = (path: contract.Path) =>
    peer.request(contract.stat, { path }).catch((error: unknown) => error);
  expect(await stat("open.txt\0.env")).toMatchObject({ code: "file-guard/invalid" });
  expect(await stat(Uint8Array.of(0x2e, 0x45, 0x6e, 0x76))).toMatchObject({
    code: "file-guard/denied",
  });
  expect(await stat("a".repeat(5000))).toMatchObject({ code: "bus/invalid" });
  expect(await stat("%2eenv")).toMatchObject({ code: "file-guard/not-found" });
});

it("the history of the repository is closed to programs, and to nobody else", async () => {
  guard.write(".git/objects/ab/cd", SECRET);
  guard.write(".git/logs/HEAD", SECRET);
  for (const path of [".git/objects/ab/cd", ".git/logs/HEAD"]) {
    for (const principal of ["agent", "mcp:files"] as const) {
      const read = (await guard.peer(principal)).request(contract.read, {
        ...{ path, offset: 0, length: 100 },
      });
      await expect(read).rejects.toMatchObject({ data: { rule: "built-in/git-objects" } });
    }
    const person = await guard.peer();
    const { bytes: read } = await person.request(contract.read, { path, offset: 0, length: 100 });
    expect(Buffer.from(read).toString()).toBe(SECRET);
  }
});
