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
  add(filter: string): void;
}

/** Reads what was kept; a value that does not fit is left out. */
export function createFilterHistory(): FilterHistory {
  const connection = useConnection();
  const [entries, setEntries] = createSignal<readonly string[]>([]);
  connection.request(stateGet, { key: KEY }).then(
    ({ value }) => {
      const saved = v.safeParse(Saved, value);
      if (saved.success) setEntries(saved.output.filters.slice(0, FILTERS_MAX));
    },
    // Without the hub there is no history yet; the next filter starts one.
    () => undefined,
  );
  return {
    entries,
    add: (filter) => {
      const text = filter.trim();
      if (text === "" || entries()[0] === text) return;
      const filters = [text, ...entries().filter((each) => each !== text)].slice(0, FILTERS_MAX);
      setEntries(filters);
      connection.request(statePut, { key: KEY, value: { filters } }).catch(() => undefined);
    },
  };
}
