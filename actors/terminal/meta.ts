/** What the keeper stores with each session so that this actor knows it again after its own death. */
import * as v from "valibot";
import { CommandMark, SessionId } from "../../bus/contracts/terminal.ts";
import { META_BYTES_MAX } from "./backend.ts";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

const Meta = v.object({
  version: v.literal(1),
  /** The id everyone else knows the session by. */
  id: SessionId,
  name: v.string(),
  title: v.string(),
  /** Last folder told by OSC 7; empty before. */
  cwd: v.string(),
  /** Base name of the program. */
  shell: v.string(),
  integration: v.picklist(["none", "bash", "zsh", "fish"]),
  /** What the person asked for, before the integration was added; empty for the login shell. */
  argv: v.array(v.string()),
  command: v.nullable(CommandMark),
  bells: Count,
  notice: v.nullable(v.string()),
  /** Wall clock at which a closed session ends; null when it is open. */
  closingUntilMs: v.nullable(v.number()),
  /** Wall clock when it was last looked at or typed into. */
  lastUsedMs: v.number(),
  /** Wall clock when it was started. */
  createdMs: v.number(),
  /** On whose behalf it was started: nobody else but the person may touch it. */
  owner: v.string(),
  /** Titles, marks and bells before this offset are in here already. */
  parsedTo: Count,
  /** Output up to here had been shown when the last view went away; null while there is one, or none was known. */
  seenTo: v.optional(v.nullable(Count), null),
});

/** See the schema above. */
export type Meta = v.InferOutput<typeof Meta>;

/** Bytes for the keeper, at most META_BYTES_MAX: of a long command line or folder the rest is left out. */
export function encodeMeta(meta: Meta): Uint8Array {
  const whole = toBytes(meta);
  if (whole.length <= META_BYTES_MAX) return whole;
  const { command } = meta;
  return toBytes({
    ...meta,
    argv: [],
    cwd: meta.cwd.length > 1000 ? "" : meta.cwd,
    notice: meta.notice === null ? null : meta.notice.slice(0, 200),
    title: meta.title.slice(0, 200),
    command: command === null ? null : { ...command, command: command.command.slice(0, 1000) },
  });
}

/** What was stored, or undefined when it is not ours or of another version. */
export function decodeMeta(bytes: Uint8Array): Meta | undefined {
  try {
    const parsed = v.safeParse(Meta, JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function toBytes(meta: Meta): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(meta));
}
