/** Numbers for names, so that rows are numbers only. Bounded: past NAMES_MAX all new names are one. */
import { NAMES_MAX } from "./traffic-limits.ts";

export interface Names {
  /** The number of a name, always the same. 0 is the empty name. */
  idOf(name: string): number;
  nameOf(id: number): string;
}

/** What stands for every name past the bound. */
export const OTHER_NAME = "(one of too many names)";

export function createNames(max: number = NAMES_MAX): Names {
  const names = ["", OTHER_NAME];
  const ids = new Map<string, number>([["", 0]]);
  return {
    idOf: (name) => {
      const known = ids.get(name);
      if (known !== undefined) return known;
      if (names.length >= max) return 1;
      ids.set(name, names.length);
      names.push(name);
      return names.length - 1;
    },
    nameOf: (id) => names[id] ?? OTHER_NAME,
  };
}
