/** The drill against the root: hubs that speak the control link wrongly and die, one after the other; then a good one. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { info } from "../../../bus/contracts/hub.ts";
import { Kind } from "../../../bus/protocol.ts";
import { DIST, makePlace } from "../../window/harness/place.ts";
import { eventually } from "../../window/harness/processes.ts";
import type { Soak, SoakOptions, SoakResult } from "../soak/soak.ts";
import { rssMib } from "./figures.ts";
import { type FramePlan, mutate, Writer } from "./frames.ts";
import { type Random, randomFrom } from "./random.ts";
import { startWhole, type Whole } from "./whole.ts";

/** Frames of one hostile hub after its valid ones. */
const FRAMES = 25;
/** Growth of the root that is let pass, MiB: frames of up to 16 MiB may be on their way. */
const GROWTH_MIB = 40;

/** What a hub may say to the root; nothing here ends anything. */
const ROOT_FRAMES: readonly FramePlan[] = [
  { fields: { kind: Kind.ping, codecLane: 16 } },
  { fields: { kind: Kind.request, correlation: 1 }, subject: "root.list", value: {} },
  { fields: { kind: Kind.request, correlation: 2 }, subject: "root.nothing", value: { all: 1 } },
  {
    fields: { kind: Kind.request, correlation: 3 },
    subject: "root.act",
    value: { name: "window/9", act: "kill" },
  },
  { fields: { kind: Kind.request, correlation: 4 }, subject: "root.open-window", value: {} },
  { fields: { kind: Kind.control }, value: { op: "names", names: [[7, "root.list"]] } },
  { fields: { kind: Kind.data, correlation: 5 }, raw: Buffer.alloc(60_000) },
  { fields: { kind: Kind.reply, correlation: 9 }, value: "nobody asked" },
];

/** Mutated frames from hubs against the root. */
export const rootLink: Soak = {
  name: "frames-root",
  what: "hubs that send mutated frames over the control link leave the root at work",
  count: 200,
  unit: "hubs",
  run,
};

async function run({ count, seed, report }: SoakOptions): Promise<SoakResult> {
  const random = randomFrom(seed);
  const place = makePlace();
  const script = join(place.base, "speech.json");
  writeFileSync(script, JSON.stringify(Array.from({ length: count }, () => speech(random))));
  const home = place.fakeHome({ "node/hub.mjs": hostileHub(script, count) });
  const whole = startWhole({ BULKHEAD_HOME: home }, place);
  try {
    const before = rssMib(whole.root.pid);
    await pastAll(whole, count);
    const peer = await whole.attached().catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}\n${whole.log().slice(-3_000)}`);
    });
    const { hubEpoch } = await peer.request(info, {});
    peer.close();
    const growthMib = rssMib(whole.root.pid) - before;
    report(`${count} hubs, the root grew by ${growthMib.toFixed(1)} MiB`);
    const failures = [
      ...(hubEpoch === count + 1 ? [] : [`the good hub is number ${hubEpoch}, not ${count + 1}`]),
      ...(growthMib > GROWTH_MIB ? [`the root grew by ${Math.round(growthMib)} MiB`] : []),
    ].map((words) => `seed ${seed}: ${words}`);
    return { figures: { hubs: count, frames: count * FRAMES, growthMib }, failures };
  } finally {
    await whole.end();
  }
}

/** Waits for the good hub as long as the hostile ones make progress. */
async function pastAll(whole: Whole, count: number): Promise<void> {
  const starts = (): number => whole.log().split("hub started").length - 1;
  for (let seen = 0; seen <= count; seen = starts()) {
    await eventually(`hub ${seen + 1} of ${count + 1} starts`, () => {
      if (whole.root.child.exitCode !== null) throw new Error(`ended: ${whole.root.stderr()}`);
      return starts() > seen || undefined;
    });
  }
}

/** What one hub writes, as base64 pieces. */
function speech(random: Random): string[] {
  const writer = new Writer();
  const ready = { protocol: 1, id: 2, name: "root", epoch: 1, hubEpoch: 1, frameBytesMax: 65_536 };
  const pieces = [writer.frame({ fields: { kind: Kind.ready }, value: ready })];
  for (let turn = 0; turn < FRAMES; turn += 1) {
    const frame = writer.frame(random.pick(ROOT_FRAMES));
    // Mostly valid ones, so that a link lives long enough to be surprised.
    pieces.push(random.next() < 0.7 ? frame : mutate(random, frame));
  }
  return pieces.map((piece) => Buffer.from(piece).toString("base64"));
}

function hostileHub(script: string, count: number): string {
  const real = pathToFileURL(join(DIST, "node/hub.mjs")).href;
  return `import { readFileSync } from "node:fs";
import { Socket } from "node:net";
const epoch = Number(process.env.BULKHEAD_HUB_EPOCH);
if (epoch > ${count}) {
  // A drill is refused outside a checkout, and this home is none.
  delete process.env.BULKHEAD_DRILL;
  await import(${JSON.stringify(real)});
} else {
  const link = new Socket({ fd: 3 });
  link.on("error", () => {});
  link.resume();
  for (const piece of JSON.parse(readFileSync(${JSON.stringify(script)}, "utf8"))[epoch - 1]) {
    link.write(Buffer.from(piece, "base64"));
  }
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 50);
}
`;
}
