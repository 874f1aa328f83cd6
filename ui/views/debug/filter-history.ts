/** The last filters, kept with the interface's other small values. */
import { type Accessor, createSignal } from "solid-js";
import * as v from "valibot";
import { stateGet, statePut } from "../../../bus/contracts/hub.ts";
import { useConnection } from "../../bus.ts";

const KEY = "debug-filters";
const FILTERS_MAX = 20;
const Saved = v.object({ filters: v.array(v.pipe(v.string(), v.maxLength(2_000))) });

export interface FilterHistory {
  /** Newest first, at most 20. */
  readonly entries: Accessor<readonly string[]>;
  /** Reads what was kept, once: when the filter line is first used. */
  load(): Promise<void>;
  add(filter: string): void;
}

/** Empty until loaded; a kept value that does not fit is left out. */
export function createFilterHistory(): FilterHistory {
  const connection = useConnection();
  const [entries, setEntries] = createSignal<readonly string[]>([]);
  let isAsked = false;
  const load = async () => {
    if (isAsked) return;
    isAsked = true;
    try {
      const { value } = await connection.request(stateGet, { key: KEY });
      const saved = v.safeParse(Saved, value);
      if (saved.success) setEntries(saved.output.filters.slice(0, FILTERS_MAX));
    } catch {
      // Without the hub there is no history yet; the next filter starts one.
      isAsked = false;
    }
  };
  return {
    entries,
    load,
    add: (filter) => {
      const text = filter.trim();
      if (text === "" || entries()[0] === text) return;
      const filters = [text, ...entries().filter((each) => each !== text)].slice(0, FILTERS_MAX);
      setEntries(filters);
      connection.request(statePut, { key: KEY, value: { filters } }).catch(() => undefined);
    },
  };
}
