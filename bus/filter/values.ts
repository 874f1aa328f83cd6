/** Values with units: spans of time, sizes, clock times. */

/** A value, or what is wrong with it in words. */
export type Value<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

const NUMBER = /^(-?\d+(?:\.\d+)?)([^\d.].*)?$/;
const DURATION_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  "\u00b5s": 0.001,
  ms: 1,
  s: 1000,
};
const SIZE_BYTES: Readonly<Record<string, number>> = { "": 1, b: 1, kib: 1024, mib: 1024 * 1024 };
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/;

/** `50ms`, `1.5s`, `300us` in milliseconds. The unit must be there. */
export function parseDuration(text: string): Value<number> {
  const match = NUMBER.exec(text);
  if (match === null) return { ok: false, message: `"${text}" is no time: write 50ms or 1.5s` };
  const factor = DURATION_MS[match[2] ?? ""];
  if (factor === undefined) return { ok: false, message: "a time needs a unit: us, ms or s" };
  return { ok: true, value: Number(match[1]) * factor };
}

/** `64KiB`, `1.5MiB`, `200B`, `200` in bytes. */
export function parseSize(text: string): Value<number> {
  const match = NUMBER.exec(text);
  if (match === null)
    return { ok: false, message: `"${text}" is no size: write 200B, 64KiB or 1MiB` };
  const factor = SIZE_BYTES[(match[2] ?? "").toLowerCase()];
  if (factor === undefined) return { ok: false, message: "a size has the unit B, KiB or MiB" };
  return { ok: true, value: Number(match[1]) * factor };
}

/** A whole number from 0. */
export function parseCount(text: string): Value<number> {
  if (!/^\d{1,15}$/.test(text)) return { ok: false, message: `"${text}" is no whole number` };
  return { ok: true, value: Number(text) };
}

/** A point in time: so long ago, or a time of the local day. */
export type Moment =
  | { readonly type: "ago"; readonly offsetMs: number }
  | { readonly type: "clock"; readonly dayMs: number };

/** `-10s` (ten seconds ago) or `14:02`, `14:02:07`, `14:02:07.318`. */
export function parseMoment(text: string): Value<Moment> {
  const clock = CLOCK.exec(text);
  if (clock !== null) return parseClock(text, clock);
  const duration = parseDuration(text);
  if (!duration.ok) {
    return NUMBER.test(text)
      ? duration
      : { ok: false, message: `"${text}" is no time: write -10s or 14:02:07` };
  }
  if (duration.value > 0)
    return { ok: false, message: `a time to come: write -${text} for so long ago` };
  return { ok: true, value: { type: "ago", offsetMs: duration.value } };
}

function parseClock(text: string, clock: RegExpExecArray): Value<Moment> {
  const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59)
    return { ok: false, message: `"${text}" is no time of day` };
  const ms = Number((clock[4] ?? "0").padEnd(3, "0"));
  return {
    ok: true,
    value: { type: "clock", dayMs: ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms },
  };
}

/** Wall clock ms of a moment, seen from `wallNowMs`; a time of day still to come is yesterday's. */
export function momentMs(moment: Moment, wallNowMs: number): number {
  if (moment.type === "ago") return wallNowMs + moment.offsetMs;
  const day = new Date(wallNowMs);
  day.setHours(0, 0, 0, 0);
  day.setMilliseconds(moment.dayMs);
  if (day.getTime() > wallNowMs) day.setDate(day.getDate() - 1);
  return day.getTime();
}
