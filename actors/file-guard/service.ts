/** What the file-guard actor serves: the contract, tied to the addon. It opens nothing itself. */
import * as v from "valibot";
import * as contract from "../../bus/contracts/file-guard.ts";
import { BusCode, BusError, isBusError } from "../../bus/errors.ts";
import type { CallContext } from "../../bus/peer.ts";
import { askerOf, pathBytes, type ServiceOptions, statOf } from "./asking.ts";
import { decodeEntries } from "./entries.ts";
import { tellGrants } from "./grants.ts";
import { serveHandover } from "./handover.ts";
import type { Around, NativeGuard, NativeReply, NativeRequest } from "./native.ts";

const Trashed = v.object({ id: v.number() });
const Checked = v.object({ isAllowed: v.boolean(), path: v.string() });
const Granted = v.object({ path: v.string(), untilMs: v.number() });

/** Registers all handlers of methods. They live as long as the peer. */
export function serveFileGuard(options: ServiceOptions): void {
  serveReading(options);
  serveNames(options);
  serveRules(options);
}

function serveReading({ peer, guard, says }: ServiceOptions): void {
  const ask = asking(guard);
  peer.handle(contract.status, () => ({ built: true, says: says() }));
  peer.handle(contract.list, async ({ path }, call) =>
    decodeEntries(await ask({ op: "list" }, call, { path: pathBytes(path) })),
  );
  peer.handle(contract.stat, async ({ path }, call) =>
    statOf(await ask({ op: "stat" }, call, { path: pathBytes(path) })),
  );
  peer.handle(contract.read, async ({ path, offset, length }, call) => {
    const request = { op: "read-range", offset, length };
    const reply = await ask(request, call, { path: pathBytes(path) });
    return { bytes: reply.bytes ?? new Uint8Array(0), stat: statOf(reply) };
  });
  peer.handle(contract.save, async ({ path, bytes, expect, mayCreate }, call) => {
    const request = { op: "save", mayCreate, ...(expect === undefined ? {} : { expect }) };
    return { stat: statOf(await ask(request, call, { path: pathBytes(path), bytes })) };
  });
  peer.handle(contract.createFile, async ({ path, bytes, mode }, call) => {
    const around = { path: pathBytes(path), ...(bytes === undefined ? {} : { bytes }) };
    const request = { op: "create-file", ...(mode === undefined ? {} : { mode }) };
    return { stat: statOf(await ask(request, call, around)) };
  });
}

function serveNames({ peer, guard }: ServiceOptions): void {
  const ask = asking(guard);
  peer.handle(contract.createFolder, async ({ path }, call) => {
    await ask({ op: "create-folder" }, call, { path: pathBytes(path) });
    return {};
  });
  peer.handle(contract.rename, async ({ from, to }, call) => {
    await ask({ op: "rename" }, call, { path: pathBytes(from), to: pathBytes(to) });
    return {};
  });
  peer.handle(contract.trash, async ({ path }, call) => {
    const { value } = await ask({ op: "trash" }, call, { path: pathBytes(path) });
    return v.parse(Trashed, value);
  });
  peer.handle(contract.restore, async ({ id }, call) => {
    await ask({ op: "restore", id }, call);
    return {};
  });
}

function serveRules(options: ServiceOptions): void {
  const { peer, guard, wallMs } = options;
  const ask = asking(guard);
  peer.handle(contract.check, async ({ path, op }, call) => {
    try {
      const request = { op: "check", write: op === "write" };
      const { value } = await ask(request, call, { path: pathBytes(path) });
      return { ...v.parse(Checked, value), denial: null };
    } catch (error) {
      if (!isBusError(error, "file-guard/denied")) throw error;
      const denial = v.parse(contract.Denial, error.data);
      return { isAllowed: false, path: denial.path, denial };
    }
  });
  const grants = tellGrants(options);
  serveHandover(options, grants);
  peer.handle(contract.grant, async ({ path }, call) => {
    const { value } = await ask({ op: "grant" }, call, { path: pathBytes(path) });
    const granted = v.parse(Granted, value);
    return grants.given({ path: granted.path, untilMs: wallMs() + granted.untilMs });
  });
  peer.handle(contract.takeBack, async ({ path }, call) => {
    if (call.principal !== "person") {
      throw new BusError(BusCode.denied, "Only the person ends what was opened for them.");
    }
    await ask({ op: "take-back" }, call, { path: pathBytes(path) });
    grants.ended(path);
    return {};
  });
}

type Ask = (request: NativeRequest, call: CallContext, around?: Around) => Promise<NativeReply>;

function asking(guard: NativeGuard): Ask {
  return (request, call, around = {}) =>
    guard.ask(request, askerOf(call), { ...around, signal: call.signal });
}
