import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { Journal } from "../../../actors/editor-sync/journal.ts";
import { SimulatedClock } from "../../../bus/clock.ts";

/** Calls of the system, in order. */
const calls: string[] = vi.hoisted(() => []);
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const noted =
    <Args extends unknown[], R>(name: string, call: (...args: Args) => R) =>
    (...args: Args): R => {
      calls.push(`${name} ${args.filter((one) => typeof one === "string").join(" ")}`.trim());
      return call(...args);
    };
  return {
    ...fs,
    openSync: noted("open", fs.openSync),
    renameSync: noted("rename", fs.renameSync),
    fdatasyncSync: noted("fdatasync", fs.fdatasyncSync),
    fsyncSync: noted("fsync", fs.fsyncSync),
  };
});

const folder = mkdtempSync(join(tmpdir(), "bulkhead-durable-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a journal written anew is there after a power cut: its bytes first, then its name", () => {
  const file = join(folder, "a.journal");
  Journal.create(file, [], new SimulatedClock()).close();
  expect(calls.slice(0, 5)).toEqual([
    `open ${file}.next w`,
    "fdatasync",
    `rename ${file}.next ${file}`,
    `open ${folder} r`,
    "fsync",
  ]);
});
