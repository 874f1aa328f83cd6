/** Where a key leads in a list whose focus stays in the field above it; undefined for keys that are none of its. */
export function listStep(key: string, count: number, at: number): number | undefined {
  if (count === 0) return undefined;
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (at - 1 + count) % count;
    case "PageDown":
      return Math.min(at + 10, count - 1);
    case "PageUp":
      return Math.max(at - 10, 0);
    default:
      return undefined;
  }
}
