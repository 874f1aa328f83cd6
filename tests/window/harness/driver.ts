/** A thin client of the WebDriver protocol: what the window's tests need of it. */
import { eventually } from "./processes.ts";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** Longest time one command may take, milliseconds. */
const COMMAND_MS = 30_000;

/** Keys by their WebDriver code points. */
export const Key = {
  enter: "\uE007",
  escape: "\uE00C",
  tab: "\uE004",
  backspace: "\uE003",
  control: "\uE009",
  shift: "\uE008",
  alt: "\uE00A",
} as const;

/** A session with one window. */
export interface Driver {
  /** Runs a function body with `arguments` in the page and gives what it returns. */
  execute<T>(body: string, ...args: readonly unknown[]): Promise<T>;
  /** The same for a body that ends by calling its last argument. */
  executeAsync<T>(body: string, ...args: readonly unknown[]): Promise<T>;
  /** Clicks the first element that fits. */
  click(css: string): Promise<void>;
  /** Moves the pointer onto the first element that fits, as a hand does. */
  hover(css: string): Promise<void>;
  /** Presses the pointer's first button where it is. */
  press(): Promise<void>;
  /** Types text into what has the focus. */
  type(text: string): Promise<void>;
  /** Presses keys together, the last one first released: `chord(Key.control, "c")`. */
  chord(...keys: readonly string[]): Promise<void>;
  /** The page as PNG. */
  screenshot(): Promise<Buffer>;
  /** Ends the session; the driver ends the program. */
  quit(): Promise<void>;
}

/** Starts `binary` under the driver. The capability `browserName` is left out: WebKit compares it with the program's. */
export async function openSession(
  base: string,
  program: { binary: string; args: readonly string[] },
): Promise<Driver> {
  const answer = await command<{ sessionId: string }>(`${base}/session`, {
    capabilities: { alwaysMatch: { "webkitgtk:browserOptions": program } },
  });
  return sessionOf(`${base}/session/${answer.sessionId}`);
}

function sessionOf(at: string): Driver {
  const actions = (list: readonly unknown[]): Promise<void> =>
    command(`${at}/actions`, { actions: [{ type: "key", id: "keyboard", actions: list }] });
  const point = (list: readonly unknown[]): Promise<void> =>
    command(`${at}/actions`, { actions: [{ type: "pointer", id: "mouse", actions: list }] });
  const down = (value: string) => ({ type: "keyDown", value });
  const up = (value: string) => ({ type: "keyUp", value });
  return {
    execute: (script, ...args) => command(`${at}/execute/sync`, { script, args }),
    executeAsync: (script, ...args) => command(`${at}/execute/async`, { script, args }),
    async click(css) {
      const using = { using: "css selector", value: css };
      // A view may be laid out anew, or drawn anew, between being found and being clicked.
      await eventually(`${css} takes a click`, async () => {
        const element = await command<Record<string, string>>(`${at}/element`, using);
        return command(`${at}/element/${element[ELEMENT]}/click`, {}).then(
          () => true,
          (error: Error) => {
            if (!/not interactable|stale element/.test(error.message)) throw error;
            return undefined;
          },
        );
      });
    },
    async hover(css) {
      const script = `const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]`;
      const [x, y] = await command<number[]>(`${at}/execute/sync`, { script, args: [css] });
      await point([{ type: "pointerMove", origin: "viewport", x, y, duration: 0 }]);
    },
    press: () =>
      point([
        { type: "pointerDown", button: 0 },
        { type: "pointerUp", button: 0 },
      ]),
    type: (text) => actions([...text].flatMap((key) => [down(key), up(key)])),
    chord: (...keys) => actions([...keys.map(down), ...keys.toReversed().map(up)]),
    screenshot: async () => Buffer.from(await command<string>(`${at}/screenshot`), "base64"),
    async quit() {
      await send(at, { method: "DELETE" });
    },
  };
}

async function command<T>(url: string, body?: unknown): Promise<T> {
  const init: RequestInit =
    body === undefined ? { method: "GET" } : { method: "POST", body: JSON.stringify(body) };
  return (await send(url, init)) as T;
}

async function send(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(COMMAND_MS) });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`${init.method} ${new URL(url).pathname}: ${error}: ${message}`);
}
