/** `bulkhead call SUBJECT [JSON]`: one request. */
import { REQUEST_TIMEOUT_MS, REQUEST_TIMEOUT_MS_MAX, SUBJECT_BYTES_MAX } from "../../limits.ts";
import { type Invocation, wholeNumberFlag } from "../arguments.ts";
import { usageError } from "../exit.ts";
import { toJsonText } from "../json.ts";
import type { Session } from "../session.ts";

/** A request as typed, checked before anything is connected. */
export interface CallRequest {
  readonly subject: string;
  readonly input: unknown;
  readonly timeoutMs: number;
}

const SUBJECT = /^[a-z0-9-]+(\/[a-z0-9-]+)?(\.[a-z0-9-]+)+$/;

/** Reads `SUBJECT [JSON] [--timeout MS]`; without JSON the input is `{}`. */
export function readCallRequest(from: Invocation): CallRequest {
  const [subject = "", text = "{}"] = from.words;
  if (!SUBJECT.test(subject) || subject.length > SUBJECT_BYTES_MAX) {
    throw usageError(`call: not a subject: ${subject} (like hub.info, at most 200 letters)`);
  }
  const timeoutMs =
    wholeNumberFlag(from, "timeout", { min: 1, max: REQUEST_TIMEOUT_MS_MAX }) ?? REQUEST_TIMEOUT_MS;
  return { subject, input: readJson(text), timeoutMs };
}

/** Sends it and prints the reply. */
export async function call(session: Session, request: CallRequest): Promise<void> {
  const { subject, input, timeoutMs } = request;
  const { signal } = session.callOptions;
  const reply = await session.peer.requestRaw(subject, input, { timeoutMs, signal });
  if (session.json) session.outJson(reply);
  else session.out(toJsonText(reply));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`call: not JSON: ${text.slice(0, 200)} (${reason})`);
  }
}
