/** A small curve of numbers, from 0 to its own maximum. */
import { createMemo, type JSX } from "solid-js";

export function Spark(props: {
  values: readonly number[];
  width: number;
  height: number;
  label: string;
}): JSX.Element {
  const path = createMemo(() => sparkPath(props.values, props.width, props.height));
  return (
    <svg
      class="spark"
      width={props.width}
      height={props.height}
      role="img"
      aria-label={props.label}
    >
      <path d={path()} fill="none" stroke="currentColor" stroke-width="1" />
    </svg>
  );
}

/** The path through the values; one value is a flat line, none is nothing. */
export function sparkPath(values: readonly number[], width: number, height: number): string {
  // Air above, so that a level curve is not taken for the border of its row.
  const largest = Math.max(...values.slice(-300), 1) * 1.25;
  const shown = values.length === 1 ? [...values, ...values] : values.slice(-300);
  return shown
    .map((value, index) => {
      const x = (index / Math.max(1, shown.length - 1)) * (width - 1);
      const y = height - 1 - (value / largest) * (height - 2);
      return `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}
