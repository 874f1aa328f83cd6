/**
 * Typing into a document of the editor. What the authority had acknowledged before the kill is in the saved file, in
 * its place; what came after it is there once and in order, or was under way to a page that died.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Seat } from "../seat.ts";
import { isPartOf, ON_THE_WAY_MAX } from "../typist.ts";
import { eventually, pause } from "../wait.ts";
import type { Workload } from "../workload.ts";

const LINES = 24;
const LINE_PAUSE_MS = 80;
/** No brackets and no words an editor would complete. */
const WORDS = ["71 ", "8;", "0.5 ", "99,", "- "] as const;

interface Typed {
  readonly name: string;
  readonly firstPage: number;
  text: string;
  /** Length of the document when all of it was acknowledged, as the first page was last seen. */
  sure: number;
}

const typedIn = new WeakMap<Seat, Typed>();

export const document: Workload = {
  name: "document",
  of: "documents",
  spanMs: LINES * LINE_PAUSE_MS,
  hasScreen: false,
  async begin({ seat, number }) {
    const { stage } = seat;
    const name = `document-${number}.txt`;
    writeFileSync(join(stage.folders.workspace, name), "");
    await stage.chord("Control+Shift+O");
    await stage.type(name);
    await eventually(`${name} is offered`, async () =>
      (await stage.evaluate(offered, 0)) === name ? true : undefined,
    );
    await stage.chord("Enter");
    typedIn.set(seat, { name, firstPage: stage.pages, text: "", sure: 0 });
    await ready(seat, name);
  },
  async during({ seat, random }) {
    const typed = of(seat);
    for (let line = 0; line < LINES; line += 1) {
      await type(seat, typed, `${line} ${random.pick(WORDS)}${random.pick(WORDS)};`);
      await pause(random.next() * LINE_PAUSE_MS);
    }
  },
  async finish({ seat, tell }) {
    const typed = of(seat);
    await type(seat, typed, "end");
    const { name } = typed;
    await seat.stage.chord("Control+s");
    await eventually(`${name} is saved`, () => see(seat, name, "saved"));
    const got = readFileSync(join(seat.stage.folders.workspace, name), "utf8");
    const problem = problemOf(typed, got, seat.stage.pages === typed.firstPage);
    if (problem !== undefined) tell(problem);
    await eventually(`${name} is closed`, () => see(seat, name, "closed"));
    await seat.takeFocus();
  },
};

function of(seat: Seat): Typed {
  const typed = typedIn.get(seat);
  if (typed === undefined) throw new Error("the document was not opened");
  return typed;
}

/** Types a line at the end of the document, into the page that is there. */
async function type(seat: Seat, typed: Typed, line: string): Promise<void> {
  await ready(seat, typed.name);
  const sure = await seat.stage.evaluate(acknowledged, typed.name).catch(() => undefined);
  if (seat.stage.pages === typed.firstPage) typed.sure = sure ?? typed.sure;
  typed.text += `${line}\n`;
  // A page that dies meanwhile is seen by its number.
  await seat.stage.chord("Control+End").catch(() => undefined);
  await seat.stage.type(line).catch(() => undefined);
  await seat.stage.chord("Enter").catch(() => undefined);
}

function ready(seat: Seat, name: string): Promise<true> {
  return eventually(`${name} takes keys`, () => see(seat, name, "focused"));
}

type Sight = "focused" | "saved" | "closed";

function see(seat: Seat, name: string, sight: Sight): Promise<true | undefined> {
  return seat.stage.evaluate(look, { name, sight }).catch(() => undefined);
}

/** Runs inside of the page. Gives the focus, and closes, where that is what is looked for. */
function look({ name, sight }: { readonly name: string; readonly sight: Sight }): true | undefined {
  const at = `[data-path$="/${name}"]`;
  const editor = globalThis.document.querySelector<HTMLElement>(`[data-testid=editor]${at}`);
  const tab = globalThis.document.querySelector<HTMLElement>(`[data-testid^=tab-editor]${at}`);
  const content = editor?.querySelector<HTMLElement>(".cm-content");
  switch (sight) {
    case "focused":
      content?.focus();
      return content?.contentEditable === "true" &&
        content.contains(globalThis.document.activeElement)
        ? true
        : undefined;
    case "saved":
      return tab !== null && tab.querySelector("[data-testid=tab-dirty]") === null
        ? true
        : undefined;
    case "closed":
      tab?.querySelector<HTMLElement>(".tab-close")?.click();
      return tab === null ? true : undefined;
  }
}

/** Runs inside of the page: how long the text is, if all of it is acknowledged. Its few lines are all in view. */
function acknowledged(name: string): number | undefined {
  const editor = globalThis.document.querySelector<HTMLElement>(
    `[data-testid=editor][data-path$="/${name}"]`,
  );
  if (editor?.dataset["acknowledged"] !== "true") return undefined;
  const lines = [...editor.querySelectorAll(".cm-line")].map(
    ({ textContent }) => textContent ?? "",
  );
  return lines.join("\n").length;
}

/** Runs inside of the page. */
function offered(): string | null | undefined {
  return globalThis.document.querySelector(".palette-active")?.getAttribute("data-path");
}

function problemOf(typed: Typed, got: string, isSamePage: boolean): string | undefined {
  const { text, sure } = typed;
  const said = `saved: ${JSON.stringify(got)}, typed: ${JSON.stringify(text)}, acknowledged: ${sure}`;
  if (isSamePage) return got === text ? undefined : said;
  const isOrdered = isPartOf(got, text) && got.startsWith(text.slice(0, sure));
  return isOrdered && text.length - got.length <= ON_THE_WAY_MAX ? undefined : said;
}
