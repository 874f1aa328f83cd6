/** A disk that is full: said clearly, nothing else suffers, and everything is saved once there is room. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { crashesList, noticesList, stateGet, statePut } from "../../bus/contracts/hub.ts";
import { isBusError } from "../../bus/errors.ts";
import {
  byHand,
  eventually,
  fixture,
  type HubUnderTest,
  QUICK,
  startHub,
} from "../system/hub-harness.ts";

/** Whether this machine lets a test mount a small disk of its own. */
const canMount = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

let hub: HubUnderTest | undefined;
afterEach(async () => {
  await hub?.end();
  hub = undefined;
});

/** A hub whose state dir is a disk of 1 MiB that nobody else sees. */
async function hubOnSmallDisk(): Promise<{ hub: HubUnderTest; disk: string }> {
  const dir = mkdtempSync(join(tmpdir(), "bh-"));
  const script = `mount -t tmpfs -o size=1m,mode=700 none "${dir}/s" && exec "$@"`;
  const children = [
    { name: "crash", script: fixture("crash"), delayFirstMs: 300 },
    { name: "steady", script: fixture("steady"), startTimeoutMs: 60_000 },
  ];
  hub = await startHub({
    dir,
    drill: { timings: QUICK, children },
    within: ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh"],
  });
  return { hub, disk: `/proc/${hub.process.pid}/root${hub.stateDir}` };
}

function fill(disk: string): void {
  for (const bytes of [65_536, 4_096, 512]) {
    try {
      for (let at = 0; at < 2_048; at += 1) {
        writeFileSync(join(disk, "filler"), Buffer.alloc(bytes), { flag: "a" });
      }
    } catch {
      // Full for this size.
    }
  }
}

const notice = (under: HubUnderTest, title: string) =>
  eventually(`the notice "${title}"`, async () =>
    (await under.peer.request(noticesList, {})).notices.find((one) => one.title === title),
  );

test.skipIf(!canMount)(
  "a full disk is told once, costs no process and no call",
  { timeout: 180_000 },
  async () => {
    const { hub: under, disk } = await hubOnSmallDisk();
    await under.until("steady", "ready");
    fill(disk);
    const told = await notice(under, "Not saved: disk full");
    expect(told).toMatchObject({ level: "warn", process: "hub" });
    expect(told.text).toContain(under.stateDir);
    const head = await eventually("an unsaved report", async () =>
      (await under.peer.request(crashesList, {})).crashes.find((crash) => !crash.saved),
    );
    expect(head.saveError).toBe("disk full");
    const refused = await under.peer
      .request(statePut, { key: "layout", value: "x".repeat(9_000) })
      .catch((error: unknown) => error);
    expect(isBusError(refused, "hub/not-saved")).toBe(true);
    expect(String(refused)).toContain("not saved: disk full");
    expect(await under.peer.requestRaw("steady.echo", 7)).toBe(7);
    const { notices } = await under.peer.request(noticesList, {});
    expect(notices.filter(({ title }) => title.startsWith("Not saved"))).toHaveLength(1);
  },
);

test.skipIf(!canMount)(
  "what was refused is saved once there is room again",
  { timeout: 180_000 },
  async () => {
    const { hub: under, disk } = await hubOnSmallDisk();
    fill(disk);
    await notice(under, "Not saved: disk full");
    await under.peer.request(statePut, { key: "layout", value: "kept" }).catch(() => undefined);
    await under.until("crash", "parked");
    rmSync(join(disk, "filler"));
    await notice(under, "Saving works again");
    const { crashes } = await under.peer.request(crashesList, {});
    expect(crashes.filter((crash) => !crash.saved)).toEqual([]);
    expect(readdirSync(join(disk, "crashes"))).toHaveLength(crashes.length);
    expect(await under.peer.request(stateGet, { key: "layout" })).toEqual({ value: "kept" });
    expect(readdirSync(disk)).toContain("supervision.json");
    await byHand(under.peer, "crash", "retry");
  },
);
