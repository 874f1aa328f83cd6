/** Who may ask what of browser mode, as a table. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { judge, type RequestHead } from "../../../bus/node/http/gate.ts";

const SECRET = "ab".repeat(32);
const PORT = 4321;

function check(change: Partial<RequestHead>): string {
  const decision = judge(
    {
      method: "GET",
      url: `/s/${SECRET}/`,
      host: `127.0.0.1:${PORT}`,
      origin: undefined,
      purpose: undefined,
      ...change,
    },
    PORT,
  );
  return decision.kind === "refused" ? `${decision.status} ${decision.why}` : decision.kind;
}

test.each([
  [{}, "document"],
  [{ host: `localhost:${PORT}` }, "document"],
  [{ host: `LOCALHOST:${PORT}` }, "document"],
  [{ host: `[::1]:${PORT}` }, "document"],
  [{ origin: `http://127.0.0.1:${PORT}` }, "document"],
  [{ url: `/s/${SECRET}/?x=1` }, "document"],
  [{ url: `/s/${SECRET}/bus` }, "bus"],
  [{ url: `/s/${SECRET}/assets/index-1.js` }, "asset"],
  [{ url: `/open/${SECRET}` }, "open"],
  [{ host: undefined }, `403 Host "(none)" is not this machine's loopback with port ${PORT}`],
  [{ host: "127.0.0.1" }, `403 Host "127.0.0.1" is not this machine's loopback with port ${PORT}`],
  [
    { host: "127.0.0.1:80" },
    `403 Host "127.0.0.1:80" is not this machine's loopback with port ${PORT}`,
  ],
  [
    { host: `evil.com:${PORT}` },
    `403 Host "evil.com:${PORT}" is not this machine's loopback with port ${PORT}`,
  ],
  [
    { host: `127.0.0.1.evil.com:${PORT}` },
    `403 Host "127.0.0.1.evil.com:${PORT}" is not this machine's loopback with port ${PORT}`,
  ],
  [{ origin: "http://evil.com" }, `403 Origin "http://evil.com" is not http://127.0.0.1:${PORT}`],
  [{ origin: "null" }, `403 Origin "null" is not http://127.0.0.1:${PORT}`],
  [
    { origin: `https://127.0.0.1:${PORT}` },
    `403 Origin "https://127.0.0.1:${PORT}" is not http://127.0.0.1:${PORT}`,
  ],
  [
    { origin: `http://localhost:${PORT}` },
    `403 Origin "http://localhost:${PORT}" is not http://127.0.0.1:${PORT}`,
  ],
  [{ method: "POST" }, "405 method POST, expected GET"],
  [{ url: "/" }, "404 no such path"],
  [{ url: `/s/${SECRET}` }, "404 no such path"],
  [{ url: `/s/${SECRET.slice(1)}/` }, "404 no such path"],
  [{ url: `/s/${SECRET.toUpperCase()}/` }, "404 no such path"],
  [{ url: `/open/${SECRET}/` }, "404 no such path"],
  [{ url: `//s/${SECRET}/` }, "404 no such path"],
  [{ url: `/open/${SECRET}`, method: "HEAD" }, "403 a look ahead does not use the address up"],
  [{ url: `/open/${SECRET}`, purpose: "prefetch" }, "403 a look ahead does not use the address up"],
  [{ url: `/${"x".repeat(3000)}` }, "400 path of 3001 characters, at most 2048"],
])("%j gets %s", (change, expected) => {
  expect(check(change)).toBe(expected);
});

test("no text throws, and nothing without the secret is let in", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.option(fc.string()), (url, host, origin) => {
      const decision = judge(
        { method: "GET", url, host, origin: origin ?? undefined, purpose: undefined },
        PORT,
      );
      expect(decision.kind).toBe("refused");
    }),
  );
});
