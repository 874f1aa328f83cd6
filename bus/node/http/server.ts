/**
 * Browser mode: the page, its assets and its WebSocket on the one loopback socket the root listens on.
 *
 *   /open/<token>  200, moves to /s/<key>/      once, refused requests do not use it up
 *   /s/<key>/      the document with its boot block
 *   /s/<key>/bus   WebSocket, becomes the edge peer `ui`
 *   /s/<key>/...   assets
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocketServer } from "ws";
import { FRAME_BYTES_MAX } from "../../limits.ts";
import type { Transport } from "../../transport.ts";
import { type Assets, openAssets } from "./assets.ts";
import { type Decision, judge } from "./gate.ts";
import { commonHeaders, documentHeaders, movingPage, plainPage, withBoot } from "./page.ts";
import { openSecrets, type Secrets } from "./secrets.ts";
import { createVisitors, type Visitors } from "./visitors.ts";
import { wsTransport } from "./ws-transport.ts";

const CONNECTIONS_MAX = 256;
/** Time a request's head may take, and the whole request, milliseconds; a page's take a few. */
const HEAD_MS = 5_000;
const REQUEST_MS = 10_000;
const PAGES_MAX = 64;
const HEADER_BYTES_MAX = 16 * 1024;

/** What the server needs. */
export interface BrowserServerOptions {
  /** Where to listen: the inherited descriptor, or a free port on 127.0.0.1 in tests. */
  readonly listen: { readonly fd: number } | { readonly port: number };
  readonly runtimeDir: string;
  /** Folder of the built interface. */
  readonly uiDir: string;
  readonly version: string;
  /** The page notes what its terminals parse, for a driver. Default: it does not. */
  readonly drill?: boolean;
  /** A page connected; whoever takes the transport owns it. */
  onPage(transport: Transport): void;
  log(line: string): void;
}

/** The running server. */
export interface BrowserServer {
  readonly port: number;
  /** An address that works once, for a browser that is to be opened. */
  openUrl(): string;
  close(): void;
}

interface Site {
  readonly options: BrowserServerOptions;
  readonly secrets: Secrets;
  readonly assets: Assets;
  readonly sockets: WebSocketServer;
  readonly visitors: Visitors;
  port: number;
}

/**
 * Starts to serve.
 * @throws Error when the socket cannot be listened on or the session key is missing.
 */
export async function startBrowserServer(options: BrowserServerOptions): Promise<BrowserServer> {
  // In window mode neither is needed, and importing node:http alone costs 50 ms and 3 MB: it brings undici.
  const { createServer } = process.getBuiltinModule("node:http");
  const { WebSocketServer } = await import("ws");
  const site: Site = {
    options,
    secrets: openSecrets(options.runtimeDir),
    assets: openAssets(options.uiDir),
    sockets: new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX + 64 * 1024,
    }),
    visitors: createVisitors(),
    port: 0,
  };
  const limits = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEAD_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1_000,
  };
  const server = createServer(limits, (request, response) => {
    answer(site, request, response).catch((error: unknown) => {
      options.log(`error ${redact(request.url)}: ${String(error)}`);
      if (!response.headersSent) refuse(response, 500, "Something went wrong; hub.log says what.");
      response.end();
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on("connection", (socket) => site.visitors.arrive(socket));
  server.on("upgrade", (request, socket, head) => upgrade(site, request, socket, head));
  server.on("clientError", (_error, socket) => socket.destroy());
  site.port = await listen(server, options.listen);
  return {
    port: site.port,
    openUrl: () => `http://127.0.0.1:${site.port}/open/${site.secrets.freshToken()}`,
    close() {
      for (const client of site.sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, where: BrowserServerOptions["listen"]): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const ready = (): void => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("file descriptor 4 is no listening TCP socket"));
    };
    if ("fd" in where) server.listen({ fd: where.fd }, ready);
    else server.listen({ host: "127.0.0.1", port: where.port }, ready);
  });
}

async function answer(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const decision = checked(site, judgeRequest(site, request));
  if (decision.kind !== "refused") site.visitors.letIn(request.socket);
  const nonce = randomBytes(16).toString("base64url");
  const host = request.headers.host ?? "";
  switch (decision.kind) {
    case "refused":
      site.options.log(`refused ${request.method} ${redact(request.url)}: ${decision.why}`);
      refuse(response, decision.status, "Refused.");
      return;
    case "open":
      response.writeHead(200, documentHeaders(host, nonce)).end(movingPage(site.secrets.key));
      return;
    case "document": {
      const { version, drill = false } = site.options;
      const boot = { mode: "browser", key: decision.key, version, drill };
      const html = withBoot(await site.assets.document(), boot, nonce);
      response.writeHead(200, documentHeaders(host, nonce)).end(html);
      return;
    }
    case "bus":
      refuse(response, 400, "This address is for a WebSocket.");
      return;
    case "asset":
      await sendAsset(site, decision.path, response);
      return;
  }
}

async function sendAsset(site: Site, path: string, response: ServerResponse): Promise<void> {
  const asset = await site.assets.read(path);
  if (asset === undefined) {
    refuse(response, 404, "No such file.");
    return;
  }
  // Names below assets/ carry a hash of their content; anything else may change with the next build.
  const cache = path.startsWith("assets/") ? "private, max-age=31536000, immutable" : "no-cache";
  response
    .writeHead(200, {
      ...commonHeaders(),
      "content-type": asset.type,
      "content-length": asset.bytes.length,
      "cache-control": cache,
    })
    .end(asset.bytes);
}

function upgrade(site: Site, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on("error", () => socket.destroy());
  const judged = judgeRequest(site, request);
  // Only what could become the bus is compared: an address must not be used up by an upgrade.
  const decision = judged.kind === "bus" ? checked(site, judged) : judged;
  const full = site.sockets.clients.size >= PAGES_MAX;
  if (decision.kind !== "bus" || full) {
    const why =
      decision.kind === "refused" ? decision.why : full ? "too many pages" : "not the bus";
    site.options.log(`refused upgrade ${redact(request.url)}: ${why}`);
    socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  site.visitors.letIn(request.socket);
  site.sockets.handleUpgrade(request, socket, head, (open) =>
    site.options.onPage(wsTransport(open)),
  );
}

function judgeRequest(site: Site, request: IncomingMessage): Decision {
  const { origin, purpose } = request.headers;
  // Node keeps the first of several; two together are no host at all.
  const { host } = request.headersDistinct;
  const one = (value: string | string[] | undefined): string | undefined =>
    Array.isArray(value) ? value.join() : value;
  return judge(
    {
      method: request.method ?? "",
      url: request.url ?? "",
      host: host?.join(", "),
      origin,
      purpose: one(request.headers["sec-purpose"]) ?? one(purpose),
    },
    site.port,
  );
}

/** Compares the secret of a well-formed request; this is what uses the token up. */
function checked(site: Site, decision: Decision): Decision {
  if (decision.kind === "refused") return decision;
  if (decision.kind === "open") {
    if (site.secrets.useToken(decision.token)) return decision;
    return { kind: "refused", status: 403, why: "the address was used before or never existed" };
  }
  if (site.secrets.isKey(decision.key)) return decision;
  return { kind: "refused", status: 404, why: "wrong key" };
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response
    .writeHead(status, {
      ...commonHeaders(),
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'",
    })
    .end(plainPage(sentence));
}

/** Paths carry the secrets: the log gets the first word and the length. */
function redact(url: string | undefined): string {
  const word = /^\/(open|s)\//.exec(url ?? "")?.[1];
  return word === undefined ? `path of ${url?.length ?? 0} characters` : `/${word}/...`;
}
