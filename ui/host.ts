/**
 * What only the window around the page can do: title, clipboard and PRIMARY, desktop notices, closing. In a browser
 * the page does what a page may and says so where it may not.
 */
import type { Boot } from "./boot.ts";

/** Events the window sends by `window.__bulkheadHost`. */
export type HostEvent =
  | { readonly type: "close-requested" }
  | { readonly type: "scheme"; readonly value: "dark" | "light" }
  | { readonly type: "focus"; readonly focused: boolean };

export interface Host {
  readonly mode: Boot["mode"];
  /** Whether PRIMARY can be read and written. */
  readonly hasPrimary: boolean;
  /** The first themed page is laid out: the window may show itself, on this ground until a frame is drawn. */
  painted(ground: string): void;
  setTitle(title: string): void;
  /** Empty when the clipboard holds no text or may not be read. */
  clipboardText(): Promise<string>;
  setClipboardText(text: string): Promise<void>;
  primaryText(): Promise<string>;
  setPrimaryText(text: string): void;
  notify(title: string, body: string): void;
  openUrl(url: string): void;
  closeWindow(): void;
  newWindow(): void;
  reload(): void;
  /** One listener; it gets every event from then on. */
  onEvent(listener: (event: HostEvent) => void): void;
}

declare global {
  interface Window {
    __bulkheadHost?: (event: HostEvent) => void;
  }
}

/** The host of this page. */
export function createHost(boot: Boot): Host {
  return boot.mode === "window" ? new WindowHost(boot.key) : new BrowserHost();
}

/** Schemes a link may have; everything else is refused. */
const URL_SCHEMES = ["http:", "https:", "mailto:"];

class WindowHost implements Host {
  readonly mode = "window";
  readonly hasPrimary = true;
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  painted(ground: string): void {
    this.#tell({ op: "painted", ground });
  }

  setTitle(title: string): void {
    document.title = title;
    this.#tell({ op: "title", title });
  }

  clipboardText(): Promise<string> {
    return this.#text("clipboard-get");
  }

  async setClipboardText(text: string): Promise<void> {
    await this.#post({ op: "clipboard-set", text });
  }

  primaryText(): Promise<string> {
    return this.#text("primary-get");
  }

  setPrimaryText(text: string): void {
    this.#tell({ op: "primary-set", text });
  }

  notify(title: string, body: string): void {
    this.#tell({ op: "notify", title, body });
  }

  openUrl(url: string): void {
    if (isOpenable(url)) this.#tell({ op: "open-url", url });
  }

  closeWindow(): void {
    this.#tell({ op: "close" });
  }

  newWindow(): void {
    this.#tell({ op: "new-window" });
  }

  reload(): void {
    this.#tell({ op: "reload" });
  }

  onEvent(listener: (event: HostEvent) => void): void {
    window.__bulkheadHost = listener;
  }

  /** A window that does not answer is about to be gone: nothing is left to do about it here. */
  #tell(message: Readonly<Record<string, unknown>>): void {
    this.#post(message).catch(() => undefined);
  }

  async #text(op: string): Promise<string> {
    const answer = await this.#post({ op });
    const value: unknown = await answer.json();
    if (typeof value !== "object" || value === null || !("text" in value)) return "";
    return typeof value.text === "string" ? value.text : "";
  }

  async #post(message: Readonly<Record<string, unknown>>): Promise<Response> {
    const answer = await fetch("/host", {
      method: "POST",
      headers: { "content-type": "application/json", "x-bulkhead-key": this.#key },
      body: JSON.stringify(message),
    });
    if (!answer.ok)
      throw new Error(`the window refused ${String(message["op"])}: ${answer.status}`);
    return answer;
  }
}

class BrowserHost implements Host {
  readonly mode = "browser";
  readonly hasPrimary = false;

  painted(): void {}

  setTitle(title: string): void {
    document.title = title;
  }

  async clipboardText(): Promise<string> {
    return (await navigator.clipboard?.readText()) ?? "";
  }

  async setClipboardText(text: string): Promise<void> {
    await navigator.clipboard?.writeText(text);
  }

  async primaryText(): Promise<string> {
    return "";
  }

  setPrimaryText(): void {}

  notify(title: string, body: string): void {
    if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
    new Notification(title, { body });
  }

  openUrl(url: string): void {
    if (isOpenable(url)) window.open(url, "_blank", "noopener,noreferrer");
  }

  closeWindow(): void {
    window.close();
  }

  newWindow(): void {
    window.open(location.href, "_blank", "noopener");
  }

  reload(): void {
    location.reload();
  }

  onEvent(listener: (event: HostEvent) => void): void {
    const light = matchMedia("(prefers-color-scheme: light)");
    light.addEventListener("change", () =>
      listener({ type: "scheme", value: light.matches ? "light" : "dark" }),
    );
    addEventListener("focus", () => listener({ type: "focus", focused: true }));
    addEventListener("blur", () => listener({ type: "focus", focused: false }));
  }
}

function isOpenable(url: string): boolean {
  return URL.canParse(url) && URL_SCHEMES.includes(new URL(url).protocol);
}
