/** The exact words of a denial (ux.md section 6). */
import { expect, test } from "vitest";
import type { Denial } from "../../../bus/contracts/file-guard.ts";
import { denialWords, explanation, timeLeft } from "../../../ui/state/denial.ts";

const FOLDERS = { workspace: "/home/u/orbit", home: "/home/u" };
const DOTENV: Denial = {
  rule: "built-in/dotenv",
  source: "built-in",
  level: "guarded",
  liftable: true,
  why: "environments with secrets",
  path: "/home/u/orbit/.env",
  op: "read",
  actor: "editor-sync",
  principal: "person",
};
const KEY: Denial = {
  ...DOTENV,
  rule: "built-in/ssh-keys",
  level: "fixed",
  liftable: false,
  path: "/home/u/.ssh/id_ed25519",
  actor: "model",
  principal: "agent",
};

test("a guarded file", () => {
  expect(denialWords(DOTENV, FOLDERS, "in the editor")).toEqual({
    title: "Denied: read .env",
    text: "rule built-in/dotenv, asked by you in the editor.",
  });
});

test("a fixed rule", () => {
  expect(denialWords(KEY, FOLDERS, "")).toEqual({
    title: "Denied: read ~/.ssh/id_ed25519",
    text: "rule built-in/ssh-keys, asked by model. No setting lifts this rule.",
  });
});

test("others are named, and a path elsewhere is told whole", () => {
  const words = (change: Partial<Denial>) => denialWords({ ...DOTENV, ...change }, FOLDERS, "");
  expect(words({ principal: "mcp:files" }).text).toContain("asked by mcp/files.");
  expect(words({ principal: "actor", actor: "git" }).text).toContain("asked by git.");
  expect(words({ path: "/home/u/orbit-2/.env" }).title).toBe("Denied: read ~/orbit-2/.env");
  expect(words({ path: "/srv/.env" }).title).toBe("Denied: read /srv/.env");
});

test("the explanation has rule, source, real path, process, principal and why", () => {
  const told = explanation(KEY).flat().join("\n");
  for (const part of [KEY.rule, KEY.source, KEY.path, KEY.actor, KEY.principal, KEY.why, "fixed"]) {
    expect(told).toContain(part);
  }
});

test("the time left counts down and does not go below nothing", () => {
  expect([600_000, 599_001, 59_000, 0, -5].map((ms) => timeLeft(ms, 0))).toEqual([
    "10:00",
    "10:00",
    "0:59",
    "0:00",
    "0:00",
  ]);
});
