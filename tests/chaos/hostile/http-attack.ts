/** Requests no good browser sends: wrong hosts, origins, keys and methods, oversized heads, slow bodies, noise. */
import type { BrowserHub } from "./browser-hub.ts";
import type { Random } from "./random.ts";
import { openRaw } from "./raw-link.ts";

const WAVE = 16;
/** A status that would mean an attacker got in. */
const LET_IN = /^HTTP\/1\.1 (101|2\d\d|3\d\d)/;

/** Sends `count` of them and gives the answers that should not have been given, in words. */
export async function attackHttp(
  target: Pick<BrowserHub, "port" | "key" | "token">,
  random: Random,
  count: number,
): Promise<string[]> {
  const breaches: string[] = [];
  for (let sent = 0; sent < count; sent += WAVE) {
    const wave = Array.from({ length: Math.min(WAVE, count - sent) }, async () => {
      const request = badRequest(target, random);
      const link = openRaw({ host: "127.0.0.1", port: target.port });
      link.write(request);
      link.socket.end();
      await link.closed();
      if (LET_IN.test(link.text()))
        breaches.push(`${link.text().slice(0, 15)} for ${JSON.stringify(request.slice(0, 300))}`);
    });
    await Promise.all(wave);
  }
  return breaches;
}

type Target = Pick<BrowserHub, "port" | "key" | "token">;

/** Head of a request with exactly one thing wrong, so that this one thing must be what refuses it. */
function badRequest({ port, key, token }: Target, random: Random): string {
  const host = `127.0.0.1:${port}`;
  const path = random.pick([
    `/s/${key}/`,
    `/s/${key}/bus`,
    `/open/${token}`,
    `/s/${key}/index.html`,
  ]);
  const upgrade = path.endsWith("/bus") ? UPGRADE : "";
  const plain = (head: string): string => `${head}\r\nConnection: close${upgrade}\r\n\r\n`;
  switch (random.int(9)) {
    case 0:
      return plain(`GET ${path} HTTP/1.1\r\nHost: ${random.pick(FOREIGN_HOSTS)}:${port}`);
    case 1:
      return plain(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${random.pick(FOREIGN_ORIGINS)}`,
      );
    case 2:
      return plain(`${random.pick(METHODS)} ${path} HTTP/1.1\r\nHost: ${host}`);
    case 3:
      return plain(`GET ${broken(random, path)} HTTP/1.1\r\nHost: ${host}`);
    case 4:
      return plain(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX: ${"x".repeat(20_000)}`);
    case 5:
      return plain(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nHost: evil.com`);
    case 6:
      return plain(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100000000`);
    case 7:
      return plain(`GET ${path} HTTP/1.1`);
    default:
      return Buffer.from(random.bytes(1 + random.int(500))).toString("latin1");
  }
}

const UPGRADE =
  "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
const FOREIGN_HOSTS = ["evil.com", "127.0.0.2", "0.0.0.0", "localhost.evil.com", "[::2]", ""];
const FOREIGN_ORIGINS = ["http://evil.com", "null", "https://127.0.0.1", "http://127.0.0.1:1"];
const METHODS = ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "BREW"];

/** The path with one character of its secret changed, or cut, or climbing out of its folder. */
function broken(random: Random, path: string): string {
  const [, first = "", secret = ""] = path.split("/");
  const at = random.int(secret.length);
  const other = secret[at] === "0" ? "1" : "0";
  return random.pick([
    `/${first}/${secret.slice(0, at)}${other}${secret.slice(at + 1)}/`,
    `/${first}/${secret.slice(0, at)}/`,
    `/${first}/${secret}/../${secret}x/`,
    `/s/${secret.toUpperCase()}a/../../token`,
    "/",
    `/${first}//${secret}/`,
    `/s/${"0".repeat(64)}/bus`,
  ]);
}
