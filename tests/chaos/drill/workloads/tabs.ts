/** Tabs are opened and closed; afterwards each tab has one shell and each shell one tab. */
import type { Seat } from "../seat.ts";
import { sessions } from "../stage.ts";
import { eventually, pause } from "../wait.ts";
import type { Workload } from "../workload.ts";

const ACTS = 12;
const PAUSE_MS = 180;
const OPEN_MAX = 5;

export const tabs: Workload = {
  name: "tabs",
  spanMs: ACTS * PAUSE_MS,
  hasScreen: true,
  begin: () => Promise.resolve(),
  async during({ seat, random }) {
    for (let count = 0; count < ACTS; count += 1) {
      const open = (await shownTabs(seat)).length;
      if (open < 2 || (open < OPEN_MAX && random.next() < 0.55)) {
        await seat.stage.chord("Control+Shift+T").catch(() => undefined);
      } else await closeOne(seat);
      await pause(random.next() * PAUSE_MS);
    }
  },
  async finish({ seat }) {
    await closeFailed(seat);
    await matched(seat);
    await eventually("only the first tab is left", async () => {
      if ((await shownTabs(seat)).length === 1) return true;
      await closeOne(seat);
      return undefined;
    });
    await matched(seat);
    await seat.focused();
  },
};

/** A start that was under way when its process died fails visibly, and is not repeated by itself. */
async function closeFailed(seat: Seat): Promise<void> {
  await eventually("each tab has a shell or says why not", async () => {
    const answer = await seat.stage.evaluate(closeFailedTabs, 0).catch(() => undefined);
    return answer === "none" ? true : undefined;
  });
}

/** Runs inside of the page: closes the tabs in front that say so, and brings another one to the front. */
function closeFailedTabs(): "none" | "some" {
  const tabs = [...document.querySelectorAll<HTMLElement>(".tab")];
  const empty = tabs.filter(({ dataset }) => (dataset["session"] ?? "") === "");
  for (const tab of empty) {
    const isInFront = tab.closest(".dv-active-tab") !== null;
    const isSaid = document.querySelector('[data-testid="terminal-failed"]') !== null;
    if (isInFront && isSaid) tab.querySelector<HTMLElement>(".tab-close")?.click();
    else tab.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, button: 0 }));
  }
  return empty.length === 0 ? "none" : "some";
}

/** Waits until tabs and running shells are the same. */
async function matched(seat: Seat): Promise<void> {
  let words = "";
  await eventually("each tab has its shell", async () => {
    const shown = (await shownTabs(seat)).toSorted();
    const all = await sessions(seat.stage);
    const running = all.filter(({ state }) => state === "running").map(({ id }) => id);
    words = `tabs ${shown.join(", ")}; shells ${running.toSorted().join(", ")}`;
    return (shown.length > 0 && `${shown}` === `${running.toSorted()}`) || undefined;
  }).catch((error: unknown) => {
    throw new Error(words, { cause: error });
  });
}

/** Sessions of the tabs; an empty one has none yet. */
function shownTabs(seat: Seat): Promise<string[]> {
  return seat.stage
    .evaluate(
      () =>
        [...document.querySelectorAll<HTMLElement>(".tab")].map(
          (tab) => tab.dataset["session"] ?? "",
        ),
      0,
    )
    .catch(() => []);
}

/** Closes the last tab that is not the seat's, by its mark. */
async function closeOne(seat: Seat): Promise<void> {
  await seat.stage
    .evaluate((own) => {
      const others = [...document.querySelectorAll<HTMLElement>(".tab")].filter(
        ({ dataset }) => dataset["session"] !== own,
      );
      others.at(-1)?.querySelector<HTMLElement>(".tab-close")?.click();
    }, seat.session)
    .catch(() => undefined);
}
