/** Browser mode on a real hub: the address that works once, refusals that do not use it up, the WebSocket. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { connectPeer } from "../../bus/client.ts";
import { open, processesList } from "../../bus/contracts/hub.ts";
import { wsTransport } from "../../bus/node/http/ws-transport.ts";
import { fixture, type HubUnderTest, QUICK, startHub } from "./hub-harness.ts";

const KEY = randomBytes(32).toString("hex");
let hub: HubUnderTest;
let port: number;
let token: string;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: "127.0.0.1", port, path, method, headers, agent: false },
      (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    call.on("error", reject);
    call.end();
  });
}

/** The whole answer to a request as it is written here. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = createConnection({ host: "127.0.0.1", port }, () => socket.write(text));
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("error", reject);
    socket.on("end", () => resolve(answer));
  });
}

/** "open", or the status the upgrade was refused with. */
function tryWebSocket(
  path: string,
  options: { origin?: string; headers?: Record<string, string> } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    socket.on("unexpected-response", (_request, response) => resolve(String(response.statusCode)));
    socket.on("error", () => resolve("error"));
    socket.on("open", () => {
      socket.terminate();
      resolve("open");
    });
  });
}

beforeAll(async () => {
  const listener = createServer();
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  const address = listener.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
  const dir = mkdtempSync(join(tmpdir(), "bh-"));
  mkdirSync(join(dir, "r"), { mode: 0o700 });
  writeFileSync(join(dir, "r", "session.key"), KEY, { mode: 0o600 });
  hub = await startHub({
    dir,
    mode: "browser",
    listener: { fd },
    drill: { timings: QUICK, children: [{ name: "steady", script: fixture("steady") }] },
  });
  // Node would accept on its own copy as well; the hub's copy stays open.
  listener.close();
});
afterAll(async () => {
  await hub.end();
});
beforeEach(() => {
  token = randomBytes(32).toString("hex");
  writeFileSync(join(hub.runtimeDir, "serve.token"), token, { mode: 0o600 });
});

test("the address answers 200 with a page that moves to the session, once", async () => {
  const first = await get(`/open/${token}`);
  expect(first.status).toBe(200);
  expect(first.body).toContain(`<meta http-equiv="refresh" content="0; url=/s/${KEY}/">`);
  expect(first.headers["cache-control"]).toBe("no-store");
  expect(first.headers["set-cookie"]).toBeUndefined();
  expect(existsSync(join(hub.runtimeDir, "serve.token"))).toBe(false);
  expect((await get(`/open/${token}`)).status).toBe(403);
});

test("refused requests do not use the address up, and are in the log without it", async () => {
  const refusals = [
    await get(`/open/${token}`, { host: `evil.com:${port}` }),
    await get(`/open/${token}`, { origin: "http://evil.com" }),
    await get(`/open/${token}`, {}, "HEAD"),
    await get(`/open/${token}`, {}, "POST"),
    await get(`/open/${"0".repeat(64)}`),
    await get(`/open/${token}/x`),
  ];
  expect(refusals.map((answer) => answer.status)).toEqual([403, 403, 403, 405, 403, 404]);
  expect((await get(`/open/${token}`)).status).toBe(200);
  const log = readFileSync(join(hub.stateDir, "hub.log"), "utf8");
  expect(log).toContain(`http refused GET /open/...: Host "evil.com:${port}"`);
  expect(log).not.toContain(token);
  expect(log).not.toContain(KEY);
});

test("an upgrade or a second Host does not use the address up", async () => {
  expect(await tryWebSocket(`/open/${token}`)).toBe("403");
  const twoHosts = [
    `GET /open/${token} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Host: evil.com",
    "Connection: close",
    "",
    "",
  ].join("\r\n");
  expect(await sendRaw(twoHosts)).toMatch(/^HTTP\/1\.1 403 /);
  expect((await get(`/open/${token}`)).status).toBe(200);
});

test("the document carries its boot block under the window's policy", async () => {
  const page = await get(`/s/${KEY}/`);
  expect(page.status).toBe(200);
  const [, nonce = "", json = "{}"] =
    /<script nonce="([^"]+)" id="boot" type="application\/json">(.*?)<\/script>/.exec(page.body) ??
    [];
  expect(JSON.parse(json)).toMatchObject({ mode: "browser", key: KEY });
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain(`script-src 'self' 'nonce-${nonce}'`);
  expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${port}`);
  expect(policy).toContain("frame-ancestors 'none'");
});

test("another key is no path at all", async () => {
  expect((await get(`/s/${"0".repeat(64)}/`)).status).toBe(404);
  expect(await tryWebSocket(`/s/${"0".repeat(64)}/bus`)).toBe("403");
});

test("assets are only files of the built interface", async () => {
  const index = await get(`/s/${KEY}/index.html`);
  expect(index.headers["content-type"]).toBe("text/html; charset=utf-8");
  for (const path of [
    "../node/hub.mjs",
    "%2e%2e/node/hub.mjs",
    "..%2fnode%2fhub.mjs",
    "nothing.js",
    "/etc/passwd",
  ]) {
    expect({ path, status: (await get(`/s/${KEY}/${path}`)).status }).toEqual({
      path,
      status: 404,
    });
  }
});

test("the WebSocket takes no foreign Origin and no foreign Host", async () => {
  const bus = `/s/${KEY}/bus`;
  expect(await tryWebSocket(bus, { origin: "http://evil.com" })).toBe("403");
  expect(await tryWebSocket(bus, { headers: { host: `evil.com:${port}` } })).toBe("403");
  expect(await tryWebSocket(bus, { origin: `http://127.0.0.1:${port}` })).toBe("open");
});

test("the WebSocket is an edge peer named ui, without a hello of the page", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/s/${KEY}/bus`, { perMessageDeflate: false });
  const transport = wsTransport(socket);
  const page = await connectPeer(transport, { helloSent: true });
  expect(page.ready.name).toMatch(/^ui\/\d+$/);
  expect(await page.requestRaw("steady.echo", new Uint8Array(300_000))).toEqual(
    new Uint8Array(300_000),
  );
  const { processes } = await page.request(processesList, {});
  expect(processes.find((row) => row.name === page.ready.name)?.kind).toBe("client");
  page.close();
});

test("a text message ends that link alone", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/s/${KEY}/bus`);
  const code = await new Promise((resolve) => {
    socket.on("open", () => socket.send("hello"));
    socket.on("close", resolve);
  });
  expect(code).toBe(1003);
  expect(await hub.peer.requestRaw("steady.echo", 1)).toBe(1);
});

test("open gives an address that works, a new one when the last was used up", async () => {
  const ask = async () =>
    (await hub.peer.request(open, { path: "", line: 0, column: 0, newWindow: false })).url;
  const first = await ask();
  expect(first).toBe(`http://127.0.0.1:${port}/open/${token}`);
  expect(await ask()).toBe(first);
  expect((await get(new URL(first).pathname)).status).toBe(200);
  const second = await ask();
  expect(second).not.toBe(first);
  expect((await get(new URL(second).pathname)).status).toBe(200);
});
