import { mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../tidy/tree.ts";

// The module finds the checkout from its own place, so it gets a checkout of its own.
const checkout = mkdtempSync(join(tmpdir(), "bulkhead-print-"));
const file = (path: string): string => join(checkout, path);
let made: typeof import("../../shell/setup/fingerprint.mjs");

beforeAll(async () => {
  mkdirSync(file("shell/setup"), { recursive: true });
  for (const name of ["fingerprint.mjs", "paths.mjs"]) {
    writeFileSync(file(`shell/setup/${name}`), readFileSync(join(root, "shell/setup", name)));
  }
  mkdirSync(file("bus/node_modules"), { recursive: true });
  writeFileSync(file("bus/a.ts"), "one");
  made = await import(file("shell/setup/fingerprint.mjs"));
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

describe("a build step", () => {
  const print = (): string => made.fingerprint(["bus"], ["flags"]);

  it("is fresh only after it was done, with the same inputs and its outputs there", () => {
    const outputs = [file("bus/a.ts")];
    expect(made.isFresh("node", print(), outputs)).toBe(false);
    made.markDone("node", print());
    expect(made.isFresh("node", print(), outputs)).toBe(true);
    expect(made.isFresh("node", print(), [file("gone")])).toBe(false);
    writeFileSync(file("bus/a.ts"), "two");
    expect(made.isFresh("node", print(), outputs)).toBe(false);
  });

  it("sees a new file, a removed one, a renamed one and other words", () => {
    const seen = new Set([print()]);
    writeFileSync(file("bus/b.ts"), "");
    seen.add(print());
    unlinkSync(file("bus/b.ts"));
    writeFileSync(file("bus/c.ts"), "");
    seen.add(print());
    seen.add(made.fingerprint(["bus"], ["other"]));
    expect(seen.size).toBe(4);
  });

  it("does not look at what tools make", () => {
    const before = print();
    writeFileSync(file("bus/node_modules/x"), "changed");
    expect(print()).toBe(before);
  });
});
