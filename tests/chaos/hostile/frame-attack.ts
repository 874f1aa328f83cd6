/** Waves of links that send mutated frames: some know the token, some do not, some stop in the middle of a frame. */
import type { NetConnectOpts } from "node:net";
import { type FramePlan, mutate, Writer } from "./frames.ts";
import type { Random } from "./random.ts";
import { openRaw, type RawLink } from "./raw-link.ts";

/** Links of one wave. */
const LINKS = 16;
/** Frames after the hello of one link, at most. */
const FRAMES_MAX = 8;

/** A socket that speaks the protocol. */
export interface FrameTarget {
  readonly to: NetConnectOpts;
  readonly token: Uint8Array;
  readonly frames: readonly FramePlan[];
}

/** Sends at least `count` mutations and waits until every link is over. Gives how many links there were. */
export async function attackWithFrames(
  target: FrameTarget,
  random: Random,
  count: number,
): Promise<number> {
  let sent = 0;
  let links = 0;
  while (sent < count) {
    const wave: RawLink[] = [];
    for (let link = 0; link < LINKS && sent < count; link += 1) {
      const opened = openRaw(target.to);
      wave.push(opened);
      sent += sendMutated(target, random, opened);
      // Half a close: what was sent is still read, then the link is over.
      opened.socket.end();
    }
    links += wave.length;
    await Promise.all(wave.map((link) => link.closed()));
  }
  return links;
}

/** Writes to one link; gives how many mutations that were. */
function sendMutated({ frames, token }: FrameTarget, random: Random, link: RawLink): number {
  const writer = new Writer();
  const secret = random.next() < 0.8 ? token : random.pick([random.bytes(32), undefined]);
  const hello = writer.hello(secret);
  if (random.next() < 0.1) {
    link.write(mutate(random, hello));
    return 1;
  }
  link.write(hello);
  const mutations = 1 + random.int(FRAMES_MAX);
  for (let turn = 0; turn < mutations; turn += 1) {
    const plan = random.pick(frames);
    if (random.next() < 0.3) link.write(writer.frame(random.pick(frames)));
    link.write(mutate(random, writer.frame(plan)));
  }
  return mutations;
}
