/** Where a request or open goes, and in whose name: the checks before anything is handed on. */
import { BusCode } from "../errors.ts";
import { type ExtensionFields, readExtension, withoutEntry, writeExtension } from "../extension.ts";
import { Frame, malformed, viewOf } from "../frame.ts";
import { EXTENSION_BYTES_MAX, TRACE_HOPS_MAX } from "../limits.ts";
import { type DeadReason, Extension, HEADER_BYTES, Offset } from "../protocol.ts";
import { quote } from "../subject.ts";
import { isPrincipal, mayNarrow } from "./access.ts";
import type { Member } from "./member.ts";
import type { Refusal } from "./post.ts";
import type { SubjectEntry, Subjects } from "./subjects.ts";

/** The outcome of the checks. */
export interface Routed {
  readonly callee: Member;
  readonly subject: SubjectEntry;
  readonly principal: string | undefined;
}

/** Looks peers up. */
export interface Directory {
  byId(id: number): Member | undefined;
  byName(name: string): Member | undefined;
}

/** What is known of a call before it is judged. */
export interface KnownCall {
  readonly subject: SubjectEntry;
  readonly extension: ExtensionFields;
  readonly directory: Directory;
}

const TRACE_ENTRY_BYTES = 26;
const NOTHING: ExtensionFields = {};

/** Extension of a frame; a lone trace, the usual case, is not looked into. */
export function extensionOf(frame: Frame): ExtensionFields {
  if (frame.extensionBytes === 0) return NOTHING;
  const start = frame.at + HEADER_BYTES;
  if (frame.extensionBytes === TRACE_ENTRY_BYTES && frame.head[start] === Extension.trace)
    return NOTHING;
  return readExtension(frame.head, start, start + frame.extensionBytes);
}

/**
 * The subject a frame names by id or text. One without an id yet has id 0: it gets one when it may be used.
 * @throws BusError `bus/protocol` for an id this hub never told and for text that is no subject.
 */
export function subjectOf(
  frame: Frame,
  extension: ExtensionFields,
  subjects: Subjects,
): SubjectEntry {
  if (frame.name !== 0) {
    const known = subjects.byId(frame.name);
    if (known === undefined)
      throw malformed(`name ${frame.name} was never told by this hub`, frame.name);
    return known;
  }
  const text = extension.subject;
  if (text === undefined) throw malformed(`kind ${frame.kind} without a subject`, 0);
  const entry = subjects.find(text);
  if (entry === undefined) throw malformed(`not a subject: ${quote(text)}`, text);
  return entry;
}

/** Finds the callee and judges the call: manifest, epoch, principal, hops. */
export function route(frame: Frame, source: Member, known: KnownCall): Routed | Refusal {
  const { subject, extension, directory } = known;
  const callee =
    frame.destination === 0 ? directory.byName(subject.actor) : directory.byId(frame.destination);
  const target =
    callee?.name ?? (frame.destination === 0 ? subject.actor : `#${frame.destination}`);
  const principal = source.principal ?? capped(extension.principal, source.access.manifest.actsAs);
  if (callee === undefined) {
    const message = `there is no ${quote(target)}`;
    return refusal(target, subject, ["no-such-actor", BusCode.noSuchActor, message]);
  }
  // For the recorder, should it be refused.
  frame.destination = callee.id;
  const objection = objectionTo(frame, source, { callee, known, principal });
  if (objection !== undefined) return refusal(target, subject, objection);
  return { callee, subject, principal };
}

type Objection = readonly [reason: DeadReason, code: string, message: string];

function refusal(destination: string, subject: SubjectEntry, objection: Objection): Refusal {
  const [reason, code, message] = objection;
  return { error: { code, message }, reason, destination, subject: subject.subject };
}

/** Why a call may not be made: manifest, epoch, hops, principal. Undefined when it may. */
function objectionTo(
  frame: Frame,
  source: Member,
  call: { callee: Member; known: KnownCall; principal: string | undefined },
): Objection | undefined {
  const { callee, principal } = call;
  const { subject, extension } = call.known;
  if (!source.access.mayCall(subject)) {
    return ["denied", BusCode.denied, `${source.name} may not call ${subject.subject}`];
  }
  if (frame.epoch !== 0 && frame.epoch !== callee.epoch) {
    const message = `${callee.name} is in epoch ${callee.epoch}, not ${frame.epoch}`;
    return ["stale-epoch", BusCode.down, message];
  }
  if ((extension.hops ?? 0) > TRACE_HOPS_MAX) {
    const message = `${extension.hops} calls nested in each other, at most ${TRACE_HOPS_MAX}`;
    return ["denied", BusCode.limit, message];
  }
  if (source.principal !== undefined || principal === undefined) return undefined;
  if (mayActAs(source, principal)) return undefined;
  const message = `${source.name} was not given the principal ${quote(principal)}`;
  return ["denied", BusCode.denied, message];
}

/** The frame with the principal its sender acts as, which replaces whatever it claimed. */
export function withPrincipal(frame: Frame, principal: string): Frame {
  const start = frame.at + HEADER_BYTES;
  const range = { start, end: start + frame.extensionBytes };
  const rest = withoutEntry(frame.head, range, Extension.principal);
  const entry = writeExtension({ principal });
  const extensionBytes = rest.length + entry.length;
  if (extensionBytes > EXTENSION_BYTES_MAX)
    throw malformed(`extension of ${rest.length} bytes has no room for the principal`, rest.length);
  const head = new Uint8Array(HEADER_BYTES + extensionBytes);
  head.set(frame.head.subarray(frame.at, start));
  head.set(rest, HEADER_BYTES);
  head.set(entry, HEADER_BYTES + rest.length);
  const view = viewOf(head);
  view.setUint16(Offset.extensionBytes, extensionBytes, true);
  view.setUint32(Offset.length, head.length + frame.payloadBytes, true);
  return new Frame(view, head, 0, frame.payloadSlices());
}

/** What was named, but never wider than what the sender acts as. */
function capped(named: string | undefined, actsAs: string | undefined): string | undefined {
  if (named === undefined) return actsAs;
  return actsAs !== undefined && named !== actsAs && mayNarrow(named, actsAs) ? actsAs : named;
}

function mayActAs(source: Member, principal: string): boolean {
  if (!isPrincipal(principal)) return false;
  const { principals = [], actsAs } = source.access.manifest;
  const own = actsAs === undefined ? principals : [...principals, actsAs];
  if (own.some((one) => mayNarrow(one, principal))) return true;
  for (const given of source.given.keys()) if (mayNarrow(given, principal)) return true;
  return false;
}
