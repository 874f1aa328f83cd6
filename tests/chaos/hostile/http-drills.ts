/** Drills against browser mode, by somebody who does not know the key. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Soak, SoakOptions, SoakResult } from "../soak/soak.ts";
import { type BrowserHub, startBrowserHub } from "./browser-hub.ts";
import { crowd } from "./floods.ts";
import { attackHttp } from "./http-attack.ts";
import { underAttack } from "./hub-under-attack.ts";
import { randomFrom } from "./random.ts";

/** Good visits while a crowd stands at the door. */
const VISITS = 10;
/** Tries of one visit: connections of the crowd that come a moment later push it out unread. */
const TRIES = 5;
const TRY_AGAIN_MS = 500;

/** Requests with one thing wrong. */
export const httpRequests: Soak = {
  name: "http-requests",
  what: "requests with one thing wrong against browser mode, and noise",
  count: 20_000,
  unit: "requests",
  run: (options) =>
    onBrowser(options, (target) => attackHttp(target, randomFrom(options.seed), options.count)),
};

/** Connections that never finish their head; a page still opens. */
export const httpCrowd: Soak = {
  name: "http-crowd",
  what: "connections that never finish their request, while a page is opened",
  count: 1_000,
  unit: "connections",
  run: (options) =>
    onBrowser(options, async ({ port, key }) => {
      const refused: string[] = [];
      await crowd({ host: "127.0.0.1", port }, options.count, async () => {
        for (let turn = 0; turn < VISITS; turn += 1) {
          const outcome = await visit(`http://127.0.0.1:${port}/s/${key}/`);
          if (outcome !== "200") refused.push(`visit ${turn}: ${outcome}`);
        }
      });
      return refused;
    }),
};

/** Status of a page, tried as a browser does: a connection that is reset before its answer is made again. */
async function visit(url: string): Promise<string> {
  let outcome = "";
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    outcome = await fetch(url).then(({ status }) => String(status), String);
    if (outcome === "200") break;
    await sleep(TRY_AGAIN_MS);
  }
  return outcome;
}

async function onBrowser(
  { count, seed, report }: SoakOptions,
  attack: (target: BrowserHub) => Promise<string[]>,
): Promise<SoakResult> {
  const target = await startBrowserHub();
  try {
    let entered: string[] = [];
    const { sight, breaches } = await underAttack(target.hub, async () => {
      entered = await attack(target);
    });
    const isUnused = existsSync(join(target.hub.runtimeDir, "serve.token"));
    const used = isUnused ? [] : ["the address was used up"];
    report(`${sight.calls} good calls, the slowest ${Math.round(sight.slowestMs)} ms`);
    const { calls, slowestMs, growthMib } = sight;
    return {
      figures: { count, calls, slowestMs, growthMib },
      failures: [...entered, ...used, ...breaches].map((words) => `seed ${seed}: ${words}`),
    };
  } finally {
    await target.hub.end();
  }
}
