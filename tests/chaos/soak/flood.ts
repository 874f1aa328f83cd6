/**
 * `yes` in one of four terminals of a page, one of them hidden: memory stays as it is, another terminal echoes, Ctrl+C
 * works, and neither a hidden view nor one that never grants credit holds a program or another view back.
 */
import type { Page } from "playwright-core";
import * as terminal from "../../../bus/contracts/terminal.ts";
import { pressAndSee, quantile, stopWatching, watchFocused } from "../../bench/latency/keys.ts";
import { installProbe } from "../../bench/latency/probe.ts";
import { eventually } from "../../window/harness/processes.ts";
import { growth, type Look, look } from "./samples.ts";
import { type ServedPage, withServedPage } from "./served.ts";
import type { Soak, SoakOptions, SoakResult } from "./soak.ts";

const MIB = 1024 * 1024;
/** Growth within a quarter of the time that is no leak: heaps breathe. */
const GROWTH_BYTES_MAX = 16 * MIB;
/** Output that must pass for a program to count as not held back. */
const PASSING_BYTES = 4 * MIB;
/** Goals, milliseconds. A miss is told and kept with the figures; a busy machine is no failure. */
const ECHO_MS = 50;
const PROMPT_MS = 250;

export const flood: Soak = {
  name: "flood",
  what: "yes in one of four terminals, one hidden: memory flat, echo and Ctrl+C in time",
  count: 60,
  unit: "seconds",
  run: (options) => withServedPage((served) => new FloodRun(served, options).whole(), installProbe),
};

class FloodRun {
  readonly #served: ServedPage;
  readonly #options: SoakOptions;
  readonly #failures: string[] = [];
  readonly #figures: Record<string, number> = {};

  constructor(served: ServedPage, options: SoakOptions) {
    this.#served = served;
    this.#options = options;
  }

  async whole(): Promise<SoakResult> {
    const [quiet = "", flooded = "", covered = "", covering = ""] = await this.#fourTerminals();
    await this.#focus(quiet);
    await this.#served.page.keyboard.type("cat\n");
    const echoStream = await watchFocused(this.#served.page);
    await this.#visibleFlood(flooded, quiet);
    await this.#hiddenFlood({ covered, covering, quiet }, echoStream);
    await this.#greedyView(flooded);
    return { figures: this.#figures, failures: this.#failures };
  }

  /** Three beside each other, and a fourth in the place of the third, which it covers: quiet, flooded, covered, covering. */
  async #fourTerminals(): Promise<readonly string[]> {
    const { page } = this.#served;
    const ids = [await this.#newest([])];
    for (const chord of ["Control+Shift+D", "Control+Shift+Enter", "Control+Shift+T"]) {
      await page.keyboard.press(chord);
      ids.push(await this.#newest(ids));
    }
    return ids;
  }

  async #newest(known: readonly string[]): Promise<string> {
    const { page, peer } = this.#served;
    const id = await eventually("a new terminal", async () => {
      const { sessions } = await peer.request(terminal.list, {});
      return sessions.find((one) => !known.includes(one.id))?.id;
    });
    await this.#promptOf(page, id);
    return id;
  }

  async #visibleFlood(flooded: string, quiet: string): Promise<void> {
    const { page, marker, cdp } = this.#served;
    const { count, report } = this.#options;
    await this.#type(flooded, "yes\n");
    await this.#passes(flooded, "the visible flood");
    await this.#focus(quiet);
    const looks: Look[] = [];
    const echoes: number[] = [];
    const startBytes = await this.#outputBytes(flooded);
    const untilMs = performance.now() + count * 1_000;
    while (performance.now() < untilMs) {
      looks.push(await look(marker, cdp));
      for (let key = 0; key < 5; key++) {
        const { keyMs, parsedMs } = await pressAndSee(page, "x");
        echoes.push(parsedMs - keyMs);
      }
      await new Promise((wake) => setTimeout(wake, 500));
    }
    const passed = (await this.#outputBytes(flooded)) - startBytes;
    report(`${(passed / MIB).toFixed(0)} MiB of yes in ${count} s`);
    this.#figures["flood MiB"] = passed / MIB;
    this.#judgeMemory(looks);
    this.#judgeTime("echo beside the flood", echoes, ECHO_MS);
    await this.#interrupt(flooded, "beside three others");
  }

  #judgeMemory(looks: readonly Look[]): void {
    for (const [part, bytes] of Object.entries(growth(looks))) {
      const last = looks.at(-1)?.[part] ?? 0;
      this.#figures[`${part} MiB at the end`] = last / MIB;
      this.#figures[`${part} MiB grown in the last quarter`] = bytes / MIB;
      this.#options.report(
        `${part}: ${(last / MIB).toFixed(1)} MiB, grown ${(bytes / MIB).toFixed(2)} MiB in the last quarter`,
      );
      if (bytes > GROWTH_BYTES_MAX)
        this.#failures.push(`${part} grew ${bytes} bytes, at most ${GROWTH_BYTES_MAX}`);
    }
  }

  #judgeTime(what: string, times: readonly number[], goalMs: number): void {
    const [middle, tail] = [quantile(times, 0.5), quantile(times, 0.99)];
    this.#figures[`${what} p50 ms`] = middle;
    this.#figures[`${what} p99 ms`] = tail;
    this.#figures[`${what} goal ms`] = goalMs;
    const verdict = tail > goalMs ? `over the goal of ${goalMs} ms` : `goal ${goalMs} ms`;
    this.#options.report(
      `${what}: p50 ${middle.toFixed(1)} ms, p99 ${tail.toFixed(1)} ms, ${verdict}`,
    );
  }

  /** Ctrl+C in a flooded terminal, until its prompt stands and everything is parsed. */
  async #interrupt(flooded: string, when: string): Promise<void> {
    const { page } = this.#served;
    await this.#focus(flooded);
    await stopWatching(page);
    await page.keyboard.press("Control+C");
    await this.#promptOf(page, flooded);
    const times = await eventually("the flood is over", () =>
      page.evaluate(() => {
        const probe = globalThis.benchProbe;
        const flows = Object.values(probe?.flows ?? {});
        const isIdle = flows.every(({ parsed, received }) => parsed === received);
        const idleMs = Math.max(...flows.map((flow) => flow.idleMs || 0));
        const isRest = isIdle && performance.timeOrigin + performance.now() - idleMs > 300;
        return isRest ? [probe?.key?.keyMs ?? 0, idleMs] : undefined;
      }),
    );
    const [keyMs = 0, idleMs = 0] = times;
    this.#judgeTime(`Ctrl+C to a parsed prompt ${when}`, [idleMs - keyMs], PROMPT_MS);
  }

  /** Floods a terminal, covers it, and looks whether it runs on and the others echo. */
  async #hiddenFlood(
    { covered, covering, quiet }: { covered: string; covering: string; quiet: string },
    echoStream: number,
  ): Promise<void> {
    const { page } = this.#served;
    await this.#showBeside(covering, "previous");
    await this.#type(covered, "yes\n");
    await this.#passes(covered, "the flood before it is hidden");
    await this.#showBeside(covered, "next");
    await this.#passes(covered, "the hidden flood");
    await this.#focus(quiet);
    await page.evaluate((stream) => {
      if (globalThis.benchProbe !== undefined) globalThis.benchProbe.watched = stream;
    }, echoStream);
    await pressAndSee(page, "x");
    await this.#passes(covered, "the hidden flood after an echo beside it");
    await this.#showBeside(covering, "previous");
    await this.#interrupt(covered, "when shown again");
  }

  /** A second view that grants nothing: page and program go on. */
  async #greedyView(flooded: string): Promise<void> {
    const { peer } = this.#served;
    const input = { session: flooded, from: "screen" as const, cols: 80, rows: 24, visible: true };
    const stream = await peer.open(terminal.attach, input, { windowBytes: 64 * 1024 });
    stream.end();
    await this.#type(flooded, "yes\n");
    await this.#passes(flooded, "the flood beside a view that grants nothing");
    const before = await this.#parsedBytes();
    await eventually("the page goes on beside a view that grants nothing", async () =>
      (await this.#parsedBytes()) - before > PASSING_BYTES ? true : undefined,
    );
    await this.#interrupt(flooded, "beside a view that grants nothing");
    stream.reset({ code: "bus/cancelled", message: "enough" });
    await stream.done.catch(() => undefined);
  }

  #parsedBytes(): Promise<number> {
    return this.#served.page.evaluate(() => globalThis.benchProbe?.parsedBytes ?? 0);
  }

  /** Waits until that much more of its output has been read by the actor. */
  async #passes(session: string, words: string): Promise<void> {
    const before = await this.#outputBytes(session);
    await eventually(`${words} goes on`, async () =>
      (await this.#outputBytes(session)) - before > PASSING_BYTES ? true : undefined,
    );
  }

  async #outputBytes(session: string): Promise<number> {
    const { sessions } = await this.#served.peer.request(terminal.list, {});
    return sessions.find(({ id }) => id === session)?.outputBytes ?? 0;
  }

  async #type(session: string, text: string): Promise<void> {
    await this.#focus(session);
    await this.#served.page.keyboard.type(text);
  }

  async #focus(session: string): Promise<void> {
    await this.#served.page.getByTestId(`terminal-${session}`).locator(".xterm").click();
  }

  /** Shows the tab before or behind that of a terminal in its place. */
  async #showBeside(session: string, side: "previous" | "next"): Promise<void> {
    const { page } = this.#served;
    const view = page.getByTestId(`terminal-${session}`);
    const tabs = page
      .locator(".dv-groupview", { has: view })
      .locator("[data-testid^=tab-terminal-]");
    await tabs.nth(side === "previous" ? 0 : 1).click();
    await view.waitFor({ state: "hidden" });
  }

  /** Waits until the terminal's last written row is a bare prompt. */
  async #promptOf(page: Page, session: string): Promise<void> {
    const rows = page.getByTestId(`terminal-${session}`).locator(".xterm-rows > div");
    await eventually(`a prompt of ${session}`, async () => {
      const texts = await rows.allTextContents();
      const last = texts.map((text) => text.replaceAll("\u00a0", " ").trimEnd()).filter(Boolean);
      return last.at(-1) === "$" || undefined;
    });
  }
}
