/** Scripts in the page by the window's own test socket. */
import { connect } from "node:net";

/** Longest wait for an answer, milliseconds. */
const ANSWER_MS = 30_000;

/**
 * Runs a function body in the page and gives what it returns.
 * @throws Error with the page's own words, or when the window does not answer within 30 s
 */
export function evaluateIn<T>(socket: string, script: string): Promise<T> {
  return ask(socket, { script });
}

/** Presses the close button of the title bar. */
export function pressCloseIn(socket: string): Promise<void> {
  return ask(socket, { press: "close" });
}

function ask<T>(socket: string, wish: Readonly<Record<string, string>>): Promise<T> {
  return new Promise((resolve, reject) => {
    let text = "";
    const link = connect(socket, () => link.write(`${JSON.stringify(wish)}\n`));
    link.setTimeout(ANSWER_MS, () => link.destroy(new Error(`no answer in ${ANSWER_MS} ms`)));
    link.on("error", reject);
    link.on("close", () => reject(new Error("the window closed the test socket")));
    link.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (!text.includes("\n")) return;
      const answer = JSON.parse(text) as { value?: T; error?: string };
      if (answer.error === undefined) resolve(answer.value as T);
      else reject(new Error(answer.error));
      link.destroy();
    });
  });
}
