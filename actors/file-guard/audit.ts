/**
 * The audit log towards the bus. The addon writes it, at its one choke point; here are the pages for the person, the
 * records of the runner's programs, and the head that the hub remembers.
 */
import * as v from "valibot";
import type { Clock } from "../../bus/clock.ts";
import * as contract from "../../bus/contracts/file-guard.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { Peer } from "../../bus/peer.ts";
import { askerOf, pathBytes } from "./asking.ts";
import type { Asker, NativeGuard } from "./native.ts";

/** Between two heads that are told, milliseconds. */
const TELL_MS = 200;

const OWN: Asker = { principal: "actor", actor: "file-guard" };
const Page = v.object({
  entries: v.array(contract.AuditEntry),
  next: v.nullable(v.number()),
  head: contract.AuditHead,
});
const Noted = v.object({ number: v.number() });

/** Says where the log ends, soon after it has grown. */
export interface AuditTeller {
  /** The log may have grown. */
  touched(): void;
}

/** Tells the head now, and after each `touched`. What is told is on the disk. */
export function tellAuditHead(peer: Peer, guard: NativeGuard, clock: Clock): AuditTeller {
  let isDue = false;
  const tell = async (): Promise<void> => {
    isDue = false;
    const { value } = await guard.ask({ op: "sync-audit" }, OWN);
    peer.publish(contract.auditHead, v.parse(contract.AuditHead, value));
  };
  const arm = (ms: number): void => {
    if (isDue) return;
    isDue = true;
    clock.setTimer(ms, () => {
      // It fails when the addon's queue is full; the next operation arms it again.
      void tell().catch(() => undefined);
    });
  };
  arm(0);
  return { touched: () => arm(TELL_MS) };
}

/** The same guard; what is recorded of its work is told by `teller`. */
export function audited(guard: NativeGuard, teller: AuditTeller): NativeGuard {
  const isRecorded = (op: string, { principal }: Asker): boolean =>
    principal === "agent" || principal.startsWith("mcp:") || op === "grant" || op === "take-back";
  return {
    ...guard,
    async ask(request, asker, around) {
      try {
        return await guard.ask(request, asker, around);
      } finally {
        if (isRecorded(request.op, asker)) teller.touched();
      }
    },
    async watch(path, asker, onChange) {
      try {
        return await guard.watch(path, asker, onChange);
      } finally {
        if (isRecorded("watch", asker)) teller.touched();
      }
    },
  };
}

/** @throws BusError when it is the principal of no program. */
function programOf(principal: string): string {
  if (principal === "agent" || /^mcp:.+$/s.test(principal)) return principal;
  throw new BusError(BusCode.invalid, `principal "${principal}" is neither agent nor mcp:NAME`);
}

/** Registers the handlers of the log. */
export function serveAudit(peer: Peer, guard: NativeGuard): void {
  peer.handle(contract.audit, async (options, call) => {
    const { value } = await guard.ask({ op: "audit", options }, askerOf(call));
    return v.parse(Page, value);
  });
  peer.handle(contract.auditCommand, async ({ principal, cwd, ...note }, { source }) => {
    if (source !== "runner") {
      throw new BusError(BusCode.denied, `${source} starts no programs, only the runner does`);
    }
    const asker = { principal: programOf(principal), actor: source };
    const { value } = await guard.ask({ op: "note-command", note }, asker, {
      path: pathBytes(cwd),
    });
    return v.parse(Noted, value);
  });
}
