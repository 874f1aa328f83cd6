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

/** A hub that the disk will refuse, and how. */
interface Refused {
  readonly hub: HubUnderTest;
  /** Where its state dir can be looked at. */
  readonly folder: string;
  /** From now on nothing can be written, or it can again. */
  fill(): void;
  free(): void;
}

/** A way to make a disk refuse, and the words it is told with. */
interface Way {
  readonly how: string;
  readonly words: string;
  start(): Promise<Refused>;
}

/** The first word of a namespace's command that this machine lets a test have: as root, or as a user who looks like it. */
const namespace = [["unshare", "-m"] as const, ["unshare", "-rm"] as const].find(
  ([program, flag]) =>
    spawnSync(program, [flag, "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0,
);

/** A process limit is to be had everywhere; a small disk where a test may mount one. */
const ways: Way[] = [
  { how: "a limit of the process", words: "file size limit reached", start: startLimited },
  ...(namespace === undefined
    ? []
    : [{ how: "a small disk", words: "disk full", start: () => startOnSmallDisk(namespace) }]),
];

let hub: HubUnderTest | undefined;
afterEach(async () => {
  await hub?.end();
  hub = undefined;
});

const drill = {
  timings: QUICK,
  children: [
    { name: "crash", script: fixture("crash"), delayFirstMs: 300 },
    { name: "steady", script: fixture("steady"), startTimeoutMs: 60_000 },
  ],
};

/** No file of it may grow: the kernel refuses every write to one, as a full disk does. */
async function startLimited(): Promise<Refused> {
  const started = await startHub({ drill });
  hub = started;
  const limit = (bytes: string): void => {
    const { status } = spawnSync("prlimit", [
      "--pid",
      `${started.process.pid}`,
      `--fsize=${bytes}`,
    ]);
    expect(status).toBe(0);
  };
  const folder = started.stateDir;
  return { hub: started, folder, fill: () => limit("0:"), free: () => limit("unlimited:") };
}

/** Its state dir is a disk of 1 MiB that nobody else sees. */
async function startOnSmallDisk(within: readonly [string, string]): Promise<Refused> {
  const dir = mkdtempSync(join(tmpdir(), "bh-"));
  const script = `mount -t tmpfs -o size=1m,mode=700 none "${dir}/s" && exec "$@"`;
  const command = [...within, "--propagation", "private", "sh", "-c", script, "sh"] as const;
  const started = await startHub({ dir, drill, within: command });
  hub = started;
  const folder = `/proc/${started.process.pid}/root${started.stateDir}`;
  return {
    hub: started,
    folder,
    fill: () => fill(folder),
    free: () => rmSync(join(folder, "filler")),
  };
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

test.each(ways)(
  "a disk that refuses by $how is told once, costs no process and no call",
  { timeout: 180_000 },
  async ({ words, start }) => {
    const refused = await start();
    const under = refused.hub;
    await under.until("steady", "ready");
    refused.fill();
    const told = await notice(under, `Not saved: ${words}`);
    expect(told).toMatchObject({ level: "warn", process: "hub" });
    expect(told.text).toContain(under.stateDir);
    const head = await eventually("an unsaved report", async () =>
      (await under.peer.request(crashesList, {})).crashes.find((crash) => !crash.saved),
    );
    expect(head.saveError).toBe(words);
    const put = await under.peer
      .request(statePut, { key: "layout", value: "x".repeat(9_000) })
      .catch((error: unknown) => error);
    expect(isBusError(put, "hub/not-saved")).toBe(true);
    expect(String(put)).toContain(`not saved: ${words}`);
    expect(await under.peer.requestRaw("steady.echo", 7)).toBe(7);
    const { notices } = await under.peer.request(noticesList, {});
    expect(notices.filter(({ title }) => title.startsWith("Not saved"))).toHaveLength(1);
  },
);

test.each(ways)(
  "what was refused by $how is saved once there is room again",
  { timeout: 180_000 },
  async ({ words, start }) => {
    const refused = await start();
    const { hub: under, folder } = refused;
    refused.fill();
    await notice(under, `Not saved: ${words}`);
    await under.peer.request(statePut, { key: "layout", value: "kept" }).catch(() => undefined);
    await under.until("crash", "parked");
    refused.free();
    await notice(under, "Saving works again");
    const { crashes } = await under.peer.request(crashesList, {});
    expect(crashes.filter((crash) => !crash.saved)).toEqual([]);
    expect(readdirSync(join(folder, "crashes"))).toHaveLength(crashes.length);
    expect(await under.peer.request(stateGet, { key: "layout" })).toEqual({ value: "kept" });
    expect(readdirSync(folder)).toContain("supervision.json");
    await byHand(under.peer, "crash", "retry");
  },
);
