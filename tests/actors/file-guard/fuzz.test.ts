/** Requests that nobody would make: bytes for paths, values for fields. Each gets an answer of the contract. */
import fc from "fast-check";
import * as v from "valibot";
import { afterAll, beforeAll, expect, it } from "vitest";
import { method as defineMethod } from "../../../bus/contracts/define.ts";
import * as contract from "../../../bus/contracts/file-guard.ts";
import { isBusError } from "../../../bus/errors.ts";
import type { Peer } from "../../../bus/peer.ts";
import { openGuard, type RealGuard, SECRET } from "./real-guard.ts";

const CODES = /^(file-guard|bus)\/[a-z-]+$/;

let guard: RealGuard;
let agent: Peer;
beforeAll(async () => {
  guard = await openGuard();
  agent = await guard.peer("agent");
});
afterAll(() => guard.close());

/** Names that lead somewhere, and bytes that lead nowhere. */
const name = fc.oneof(
  fc.constantFrom(
    ".env",
    ".ENV",
    "..",
    ".",
    "",
    "second.txt",
    "open.txt",
    "src",
    ".git",
    "~",
    "proc",
  ),
  fc.constantFrom("self", "root", "fd", "0", "%2eenv", ".env::$DATA", ".env.", "ﬁle", "e\u0301nv"),
  fc.string({ maxLength: 12 }),
);
const text = fc.array(name, { maxLength: 8 }).map((names) => names.join("/"));
const path = fc.oneof(
  text,
  text.map((one) => `/${one}`),
  text.map((one) => `${"x".repeat(200)}/${one}`),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.from(bytes)),
);

it("no path tells the agent a secret, and every failure has a code", async () => {
  await fc.assert(
    fc.asyncProperty(path, fc.nat({ max: 2 ** 40 }), async (where, offset) => {
      const asked: ReadonlyArray<Promise<unknown>> = [
        agent.request(contract.read, { path: where, offset: offset % 7, length: 64 }),
        agent.request(contract.read, { path: where, offset, length: contract.READ_BYTES_MAX }),
        agent.request(contract.stat, { path: where }),
        agent.request(contract.list, { path: where }),
        agent.request(contract.check, { path: where, op: "write" }),
      ];
      for (const answer of await Promise.allSettled(asked)) {
        if (answer.status === "rejected") {
          expect(isBusError(answer.reason) && CODES.test(answer.reason.code)).toBe(true);
        } else {
          const said = JSON.stringify(answer.value, (_key, value) =>
            value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
          );
          expect(said).not.toContain(SECRET);
          expect(said).not.toContain("id_ed25519");
        }
      }
    }),
    { numRuns: 80 },
  );
}, 60_000);

it("no value in place of a field ends the actor", async () => {
  const subjects = Object.values(contract).filter(
    (one) => typeof one === "object" && "type" in one && one.type === "method",
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...subjects), fc.anything(), async (method, value) => {
      const { subject } = method as { readonly subject: string };
      const loose = defineMethod(subject, { input: v.unknown(), output: v.unknown() });
      await agent.request(loose, value).catch((error: unknown) => {
        expect(isBusError(error)).toBe(true);
      });
    }),
    { numRuns: 150 },
  );
  expect((await agent.request(contract.status, {})).built).toBe(true);
}, 60_000);
