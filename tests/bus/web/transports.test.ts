/** The page's transports against real servers: a WebSocket server, and HTTP that answers like the window. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { createBroker } from "../../../bus/broker/index.ts";
import { connectPeer } from "../../../bus/client.ts";
import { memoryLink } from "../../../bus/memory.ts";
import type { Transport } from "../../../bus/transport.ts";
import { openBridge, openWebSocket } from "../../../bus/web/index.ts";
import { ALL, anyMethod, anyStream, errorOf } from "../harness.ts";

const ends: Array<() => unknown> = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const end of ends.splice(0).reverse()) await end();
});

async function served(): Promise<{ attach: (transport: Transport) => void }> {
  const broker = createBroker({ hubEpoch: 1 });
  const hub = await broker.connectHub();
  hub.handle(anyMethod("hub.echo"), (input) => input);
  hub.serve(anyStream("hub.mirror"), async (_, incoming) => {
    const stream = incoming.accept(null);
    for await (const chunk of stream) await stream.write(chunk);
    stream.end();
  });
  ends.push(() => broker.close());
  const hello = { protocol: 1, name: "ui", pid: 1 };
  return {
    attach: (transport) => void broker.attach(transport, { kind: "edge", hello, manifest: ALL }),
  };
}

async function exercise(transport: Transport): Promise<void> {
  const peer = await connectPeer(transport, { helloSent: true });
  expect(peer.ready.name).toBe("ui/1");
  expect(await peer.request(anyMethod("hub.echo"), { text: "x".repeat(100_000) })).toEqual({
    text: "x".repeat(100_000),
  });
  const stream = await peer.open(anyStream("hub.mirror"), 1);
  const sent = new Uint8Array(700_000).map((_, index) => index);
  const written = stream.write(sent).then(() => stream.end());
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  await written;
  expect(Buffer.compare(Buffer.concat(chunks), sent)).toBe(0);
  peer.close();
  expect(await peer.closed).toMatchObject({ code: "bus/closed" });
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () =>
      resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
  });
}

describe("a WebSocket", () => {
  test("carries calls and streams", async () => {
    const { attach } = await served();
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    ends.push(() => sockets.close());
    sockets.on("connection", (socket) => {
      const [ours, theirs] = memoryLink();
      socket.on("message", (data: Buffer) => theirs.write([new Uint8Array(data)]));
      socket.on("close", () => theirs.close());
      theirs.onData = (chunk) => socket.send(chunk);
      theirs.onClose = () => socket.close();
      attach(ours);
    });
    const host = await listening(server);
    await exercise(
      await openWebSocket({ url: `ws://${host}/s/key/bus`, signal: new AbortController().signal }),
    );
  });

  test("that cannot be opened is an error", async () => {
    const host = await listening(createServer((_, response) => response.writeHead(403).end()));
    await expect(
      openWebSocket({ url: `ws://${host}/`, signal: new AbortController().signal }),
    ).rejects.toThrow("no WebSocket");
  });
});

describe("the window's bridge", () => {
  /** Answers /down and /up as bulkhead-window does. */
  async function bridged(): Promise<string> {
    const { attach } = await served();
    let link: Transport | undefined;
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      if (request.headers["x-bulkhead-key"] !== "key") return void response.writeHead(403).end();
      if (request.url === "/down") {
        const [ours, theirs] = memoryLink();
        link = theirs;
        response.writeHead(200, { "content-type": "application/octet-stream" });
        theirs.onData = (chunk) => void response.write(chunk);
        theirs.onClose = () => void response.end();
        attach(ours);
        return;
      }
      request.on("data", (chunk: Buffer) => link?.write([new Uint8Array(chunk)]));
      request.on("end", () => void response.writeHead(link === undefined ? 409 : 204).end());
    };
    const host = await listening(createServer(answer));
    const realFetch = fetch;
    vi.stubGlobal("fetch", (path: string, options: RequestInit) =>
      realFetch(`http://${host}${path}`, options),
    );
    return host;
  }

  test("carries calls and streams over an endless answer and posts", async () => {
    await bridged();
    await exercise(await openBridge({ key: "key", signal: new AbortController().signal }));
  });

  test("with a wrong key is an error with the status", async () => {
    await bridged();
    expect(
      await errorOf(openBridge({ key: "wrong", signal: new AbortController().signal })),
    ).toMatchObject({ message: expect.stringContaining("403") });
  });
});
