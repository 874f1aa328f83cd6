import { describe, expect, it } from "vitest";
import type { ProcessRow } from "../../../bus/contracts/hub.ts";
import {
  AWAY_SHOWN_MS,
  linkBanner,
  processBanner,
  worstBanner,
} from "../../../ui/state/banners.ts";
import { LAMPS, lampTooltip, lampWord } from "../../../ui/state/lamp.ts";
import {
  addToast,
  dismissToast,
  keepToast,
  type NewToast,
  NO_TOASTS,
  readToasts,
  TOASTS_KEPT_MAX,
  TOASTS_SHOWN_MAX,
} from "../../../ui/state/toasts.ts";

const NOW = 1_000_000;

function process(over: Partial<ProcessRow>): ProcessRow {
  return {
    name: "terminal",
    kind: "actor",
    parent: "hub",
    state: "ready",
    pid: 42,
    epoch: 1,
    restarts: 0,
    reason: "",
    why: "",
    rssBytes: 30 * 1024 * 1024,
    pssBytes: null,
    mailbox: 0,
    held: 0,
    uptimeMs: 5_000,
    cpuPercent: 0,
    lagMs: 0,
    retryAtMs: null,
    sinceMs: NOW - 5_000,
    callsInFlight: 0,
    sandbox: "open",
    acts: [],
    ...over,
  };
}

describe("a lamp", () => {
  it("has a shape and a word of its own for each state", () => {
    const looks = Object.values(LAMPS);
    const words = looks.map(({ word }) => word);
    expect(new Set(words).size).toBe(looks.length);
    for (const { shape, tone, word } of looks) expect([shape, tone, word]).not.toContain("");
  });

  it.each([
    [{ state: "dormant" }, "idle, starts when needed"],
    [{ state: "starting", sinceMs: NOW - 1_000 }, "starting"],
    [{ state: "starting", sinceMs: NOW - 3_000 }, "starting for 3 s"],
    [{ state: "suspended", held: 12 }, "paused by you, 12 held"],
    [{ state: "backing-off", retryAtMs: NOW + 1_500 }, "restarting in 2 s"],
    [{ state: "parked", reason: "6 crashes in 30 s" }, "stopped: 6 crashes in 30 s"],
  ] as const)("%j reads %s", (over, word) => {
    expect(lampWord(process(over), NOW)).toBe(word);
  });

  it("tells state, pid, memory, restarts and reason in its tooltip", () => {
    const row = process({ restarts: 2, reason: "signal SIGKILL (asked)" });
    expect(lampTooltip("terminal", row, NOW)).toBe(
      "terminal: running\npid 42\n30 MB\n2 restarts\nlast: signal SIGKILL (asked)",
    );
    expect(lampTooltip("mcp", undefined, NOW)).toBe("mcp: not known yet");
  });
});

describe("a banner", () => {
  it("says nothing of a link that is away for less than 400 ms", () => {
    const link = { state: "away", sinceMs: NOW, attempts: 1, nextAttemptAtMs: NOW + 100 } as const;
    expect(linkBanner(link, NOW + AWAY_SHOWN_MS - 1)).toBeUndefined();
    expect(linkBanner(link, NOW + AWAY_SHOWN_MS)).toMatchObject({
      title: "Reconnecting.",
      text: "Shells keep running.",
    });
  });

  it("tells attempts after five seconds and offers to try now", () => {
    const link = {
      state: "away",
      sinceMs: NOW,
      attempts: 3,
      nextAttemptAtMs: NOW + 9_000,
    } as const;
    expect(linkBanner(link, NOW + 5_000)).toMatchObject({
      text: "Shells keep running. Attempt 3, next in 4 s.",
      acts: ["try-now", "details"],
    });
  });

  it("names a stopped process with its reason and offers to try again", () => {
    const row = process({ name: "file-guard", state: "parked", reason: "6 crashes in 30 s" });
    expect(processBanner(row, NOW)).toMatchObject({
      tone: "error",
      title: "files stopped: 6 crashes in 30 s.",
    });
  });

  it("names a stopped process with its limit, and tells its last end", () => {
    const why = "6 crashes in 30 s";
    const row = process({ state: "parked", why, reason: "exit code 1: Cannot find module 'x'" });
    expect(processBanner(row, NOW)).toMatchObject({
      title: "terminal stopped: 6 crashes in 30 s.",
      text: "exit code 1: Cannot find module 'x'.",
      acts: ["retry", "details"],
    });
  });

  it("counts one message as one", () => {
    expect(processBanner(process({ state: "frozen", held: 1 }), NOW)?.text).toBe("1 message held.");
  });

  it("names a paused process with what is held", () => {
    expect(processBanner(process({ state: "suspended", held: 12 }), NOW)).toMatchObject({
      title: "terminal is paused by you.",
      text: "12 messages held.",
      acts: ["resume"],
    });
  });

  it("is the worst of several and counts the others", () => {
    const banners = (["suspended", "parked", "unresponsive"] as const).flatMap((state) => {
      const made = processBanner(process({ state }), NOW);
      return made === undefined ? [] : [made];
    });
    expect(worstBanner(banners)).toMatchObject({ banner: { tone: "error" }, more: 2 });
    expect(worstBanner([])).toBeUndefined();
  });
});

describe("toasts", () => {
  const toast = (tag: string): NewToast => ({ tag, level: "info", title: tag, text: "" });

  it("are at most three; the oldest leaves the screen and stays in the list", () => {
    const state = ["a", "b", "c", "d"].reduce(
      (now, tag) => addToast(now, toast(tag), NOW),
      NO_TOASTS,
    );
    expect(state.shown).toHaveLength(TOASTS_SHOWN_MAX);
    expect(state.shown.map(({ tag }) => tag)).toEqual(["b", "c", "d"]);
    expect(state.kept).toHaveLength(4);
    expect(state.unread).toBe(4);
  });

  it("replace an earlier one of the same tag", () => {
    const state = ["a", "b", "a"].reduce((now, tag) => addToast(now, toast(tag), NOW), NO_TOASTS);
    expect(state.shown.map(({ tag }) => tag)).toEqual(["b", "a"]);
  });

  it("are kept up to a bound", () => {
    let state = NO_TOASTS;
    for (let at = 0; at < TOASTS_KEPT_MAX + 5; at += 1)
      state = addToast(state, toast(String(at)), NOW);
    expect(state.kept).toHaveLength(TOASTS_KEPT_MAX);
    expect(state.kept[0]?.tag).toBe("5");
  });

  it("are kept without being shown or counted, and the same again replaces the last", () => {
    const state = ["a", "a", "b"].reduce((now, tag) => keepToast(now, toast(tag), NOW), NO_TOASTS);
    expect(state.kept.map(({ tag }) => tag)).toEqual(["a", "b"]);
    expect(state.shown).toEqual([]);
    expect(state.unread).toBe(0);
  });

  it("go when dismissed and are read when the list is open", () => {
    const one = addToast(NO_TOASTS, toast("a"), NOW);
    expect(dismissToast(one, 1).shown).toEqual([]);
    expect(readToasts(one).unread).toBe(0);
  });
});
