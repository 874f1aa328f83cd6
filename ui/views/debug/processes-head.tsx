/** Heads of the columns of the Processes table; pressing one sorts siblings by it. */
import { Index, type JSX } from "solid-js";
import { PROCESS_COLUMNS, type ProcessColumn, type ProcessSort } from "../../state/processes.ts";

export function ProcessesHead(props: {
  columns: readonly ProcessColumn[];
  sort: ProcessSort | null;
  setSort: (sort: ProcessSort | null) => void;
}): JSX.Element {
  const press = (column: ProcessColumn) => {
    const { sort } = props;
    if (sort?.column !== column)
      props.setSort({ column, direction: column === "process" ? "up" : "down" });
    else if ((sort.direction === "down") === (column !== "process")) {
      props.setSort({ column, direction: column === "process" ? "down" : "up" });
    } else props.setSort(null);
  };
  const shown = () => PROCESS_COLUMNS.filter(({ column }) => props.columns.includes(column));
  return (
    <div class="processes-row processes-head" role="row">
      <Index each={shown()}>
        {(column) => (
          <span
            class="headcell"
            role="columnheader"
            aria-sort={sortWord(props.sort, column().column)}
          >
            <button
              type="button"
              class="debug-headcell inset"
              classList={{ "is-number": column().isNumber }}
              onClick={() => press(column().column)}
            >
              {column().head}
              {arrow(props.sort, column().column)}
            </button>
          </span>
        )}
      </Index>
      <span role="columnheader" class="sr-only">
        Acts
      </span>
    </div>
  );
}

function arrow(sort: ProcessSort | null, column: ProcessColumn): string {
  if (sort?.column !== column) return "";
  return sort.direction === "up" ? " \u2191" : " \u2193";
}

function sortWord(
  sort: ProcessSort | null,
  column: ProcessColumn,
): "ascending" | "descending" | "none" {
  if (sort?.column !== column) return "none";
  return sort.direction === "up" ? "ascending" : "descending";
}
