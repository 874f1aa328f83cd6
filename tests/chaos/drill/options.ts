/** What `npm run drills -- ...` was asked for. */
import { parseArgs } from "node:util";
import type { Soak } from "../soak/soak.ts";
import { LONG_DRILLS } from "./long.ts";
import { VICTIMS, type Victim } from "./victim.ts";
import type { Workload } from "./workload.ts";
import { WORKLOADS } from "./workloads.ts";

export interface DrillOptions {
  readonly victims: readonly Victim[];
  readonly workloads: readonly Workload[];
  /** Long drills by name; with some, kills only of the victims that were named. */
  readonly long: readonly Soak[];
  readonly seed: number;
  /** Drills of each victim; undefined: the full count of each. */
  readonly count: number | undefined;
  /** Random kills of all victims for this long instead of counts. */
  readonly minutes: number | undefined;
  /** Name of the result file behind `drills`: empty for a full run; undefined for a part that is not kept. */
  readonly kept: string | undefined;
}

const COUNT_MAX = 10_000;
const MINUTES_MAX = 24 * 60;

/** @throws Error with the offending value and what may stand there */
export function readOptions(argv: readonly string[]): DrillOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      victim: { type: "string", multiple: true },
      workload: { type: "string", multiple: true },
      long: { type: "string", multiple: true },
      seed: { type: "string" },
      count: { type: "string" },
      minutes: { type: "string" },
    },
  });
  const isAll = values.long?.includes("all") === true;
  const long = isAll ? LONG_DRILLS : named("--long", LONG_DRILLS, values.long ?? []);
  return {
    victims: named("--victim", VICTIMS, values.victim ?? (long.length > 0 ? [] : undefined)),
    long,
    workloads: named("--workload", WORKLOADS, values.workload),
    seed: whole("--seed", values.seed, 2 ** 31) ?? Date.now() % 1_000_000,
    count: whole("--count", values.count, COUNT_MAX),
    minutes: whole("--minutes", values.minutes, MINUTES_MAX),
    kept: keptAs(values),
  };
}

/** A part with fewer drills or one workload must not take the place of a full run. */
function keptAs(values: {
  readonly victim?: readonly string[] | undefined;
  readonly workload?: readonly string[] | undefined;
  readonly long?: readonly string[] | undefined;
  readonly count?: string | undefined;
  readonly minutes?: string | undefined;
}): string | undefined {
  if (values.count !== undefined || values.workload !== undefined) return undefined;
  const parts = [...(values.victim ?? []), ...(values.long === undefined ? [] : ["long"])];
  if (values.minutes !== undefined) parts.push(`${values.minutes}-minutes`);
  return parts.map((part) => `-${part}`).join("");
}

function named<T extends { readonly name: string }>(
  option: string,
  all: readonly T[],
  wanted: readonly string[] | undefined,
): readonly T[] {
  const names = all.map(({ name }) => name).join(", ");
  for (const name of wanted ?? []) {
    if (!all.some((one) => one.name === name))
      throw new Error(`${option} ${name}: must be one of ${names}`);
  }
  return wanted === undefined ? all : all.filter(({ name }) => wanted.includes(name));
}

function whole(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Error(`${option} ${text}: must be a whole number from 1 to ${most}`);
  return value;
}
