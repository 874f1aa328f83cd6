/** What a person reads when the page of the real window has crashed; the table is in tests/browser/messages.test.ts. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startApp, type WindowApp } from "./harness/app.ts";
import { Key } from "./harness/driver.ts";
import { eventually } from "./harness/processes.ts";

let app: WindowApp;

beforeEach(async () => {
  app = await startApp();
});
afterEach(async () => {
  await app?.end();
});

/** What a function body in the page gives, once it is something. */
function told<T>(words: string, body: string): Promise<T> {
  return eventually(words, async () => {
    const value = await app.evaluate<T | null>(body).catch(() => null);
    return value ?? undefined;
  });
}

const SCREEN = `[...document.querySelectorAll(".xterm-rows > div")].map((row) => row.textContent).join("\\n")`;

test("a page that crashed: how long it was away, that all is back, and the marks with it", async () => {
  await told("a prompt", `return ${SCREEN}.includes("$ ") ? true : null`);
  await app.click(".xterm");
  await app.type("ls /nonexistent");
  await app.chord(Key.enter);
  const mark = `return document.querySelector(".failed-prompt")?.title ?? null`;
  expect(await told("the mark", mark)).toBe("ended with code 2");
  const [page] = app.pidsOf("WebKitWebProces");
  const beganMs = performance.now();
  process.kill(page as number, "SIGKILL");
  const toast = await told<{ title: string; text: string }>(
    "the toast",
    `const toast = [...document.querySelectorAll("[data-testid=toast]")].find((one) =>
       one.textContent.includes("came back"));
     return toast === undefined ? null : {
       title: toast.querySelector("strong").textContent,
       text: toast.querySelector(".toast-text").textContent,
     }`,
  );
  const tookMs = performance.now() - beganMs;
  const seconds = /^The window came back in (\d+\.\d) s$/.exec(toast.title)?.[1];
  expect(Number(seconds)).toBeGreaterThan(0);
  expect(Number(seconds) * 1_000).toBeLessThan(tookMs + 100);
  expect(toast.text).toBe("layout, text and terminals restored");
  expect(await told("the mark again", mark)).toBe("ended with code 2");
  expect(await told("the screen", `return ${SCREEN}`)).toContain("cannot access");
});
