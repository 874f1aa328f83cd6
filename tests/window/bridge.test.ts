/** The window and its bridge, in the real app. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApp, type WindowApp } from "./harness/app.ts";
import { eventually, isAlive } from "./harness/processes.ts";

let app: WindowApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(async () => {
  await app?.end();
});

/** Asks the bridge from inside of the page; the page's key unless the headers say otherwise. */
function ask(
  path: string,
  init: Record<string, unknown>,
): Promise<{ status: number; text: string }> {
  const body = `
    const [path, init, done] = arguments;
    const boot = JSON.parse(document.getElementById("boot").textContent);
    const headers = { "x-bulkhead-key": boot.key, ...init.headers };
    fetch(path, { ...init, headers }).then(
      async (answer) => done({ status: answer.status, text: await answer.text() }),
      (error) => done({ status: 0, text: String(error) }),
    );`;
  return app.executeAsync(body, path, init);
}

const json = { "content-type": "application/json" };

test("the page has a secure origin of its own and a key in its document", async () => {
  const seen = await app.execute<{ origin: string; secure: boolean; key: string; mode: string }>(`
    const boot = JSON.parse(document.getElementById("boot").textContent);
    return { origin: location.origin, secure: isSecureContext, key: boot.key, mode: boot.mode };`);
  expect(seen).toMatchObject({ origin: "bulkhead://app", secure: true, mode: "window" });
  expect(seen.key).toMatch(/^[0-9a-f]{64}$/);
});

test("the page is on the bus over the streaming link", async () => {
  await eventually("the hub lists the page", async () => {
    const { stdout } = await app.cli("ps", "--json");
    return stdout.includes('"ui/1"') || undefined;
  });
  expect(app.pidsOf("WebKitWebProces")).toHaveLength(1);
});

test("wrong keys, methods and types are refused and logged", async () => {
  expect((await ask("/down", { headers: { "x-bulkhead-key": "0".repeat(64) } })).status).toBe(403);
  expect((await ask("/down", { method: "POST", body: "x" })).status).toBe(405);
  const text = { "content-type": "text/plain" };
  expect((await ask("/up", { method: "POST", headers: text, body: "x" })).status).toBe(415);
  expect((await ask("/nothing.js", {})).status).toBe(404);
  await eventually("the refusal is in the log", () =>
    app.log().includes("x-bulkhead-key is not the key of this document") ? true : undefined,
  );
});

test("no other address can be reached and no frame can be opened", async () => {
  expect((await ask("https://example.com/", {})).status).toBe(0);
  expect((await ask("http://127.0.0.1:9/", {})).status).toBe(0);
  const framed = await app.executeAsync<string>(`
    const [done] = arguments;
    document.addEventListener("securitypolicyviolation", (event) => done(event.violatedDirective), { once: true });
    const frame = document.createElement("iframe");
    frame.src = "bulkhead://app/";
    document.body.append(frame);
    setTimeout(() => done("nothing was reported"), 5000);`);
  expect(framed).toMatch(/^frame-src|^default-src/);
});

test("clipboard and PRIMARY hold what the page puts there", async () => {
  for (const [set, get] of [
    ["primary-set", "primary-get"],
    ["clipboard-set", "clipboard-get"],
  ]) {
    const text = `${set} \u00e4\u4e16 ${process.pid}`;
    const put = JSON.stringify({ op: set, text });
    expect((await ask("/host", { method: "POST", headers: json, body: put })).status).toBe(204);
    const got = await ask("/host", {
      method: "POST",
      headers: json,
      body: JSON.stringify({ op: get }),
    });
    expect(JSON.parse(got.text)).toEqual({ text });
  }
});

test("a wish that is not known is refused with what is wrong", async () => {
  const answer = await ask("/host", { method: "POST", headers: json, body: '{"op":"dance"}' });
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("dance");
  const url = JSON.stringify({ op: "open-url", url: "file:///etc/passwd" });
  expect((await ask("/host", { method: "POST", headers: json, body: url })).status).toBe(400);
});

test("a page whose process is killed comes back with a new key and says why", async () => {
  const before = await app.execute<string>("return document.getElementById('boot').textContent");
  const [page] = app.pidsOf("WebKitWebProces");
  const [window] = app.pidsOf("bulkhead-window");
  expect(page).toBeDefined();
  process.kill(page as number, "SIGKILL");
  const next = await eventually("another web process runs", () =>
    app.pidsOf("WebKitWebProces").find((pid) => pid !== page && isAlive(pid)),
  );
  expect(next).not.toBe(page);
  expect(app.pidsOf("bulkhead-window")).toEqual([window]);
  const row = await eventually("the root lists the new page", async () => {
    const { stdout } = await app.cli("ps", "--json");
    const rows = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { name: string; pid: number | null; restarts: number });
    return rows.find(({ name, pid }) => name === "page/1" && pid === next);
  });
  expect(row.restarts).toBe(1);
  const after = await eventually("the new page answers", () =>
    app
      .evaluate<string>("return document.getElementById('boot').textContent")
      .catch(() => undefined),
  );
  expect(JSON.parse(after).key).not.toBe(JSON.parse(before).key);
  expect(JSON.parse(after).crash.reason).toBe("crashed");
});
