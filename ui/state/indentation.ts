/** How a text is indented, found from its lines. Pure. */

export interface Indentation {
  readonly unit: "tab" | "space";
  /** Columns of one step, 1 to 16. */
  readonly size: number;
}

export const DEFAULT_INDENTATION: Indentation = { unit: "space", size: 2 };

/** Lines that are looked at. */
export const INDENT_LINES_MAX = 2_000;
const SIZE_MAX = 8;

/** Undefined when the lines say nothing: no two of them are indented differently. */
export function detectIndentation(lines: Iterable<string>): Indentation | undefined {
  const leads = leadsOf(lines);
  const tabs = leads.filter(({ unit }) => unit === "tab").length;
  const spaced = leads.filter(({ unit }) => unit === "space");
  const indented = spaced.filter(({ width }) => width > 0).length;
  if (tabs === 0 && indented === 0) return undefined;
  if (tabs >= indented) return { unit: "tab", size: 4 };
  const steps = new Map<number, number>();
  for (const [at, { width }] of spaced.entries()) {
    const step = Math.abs(width - (spaced[at - 1]?.width ?? 0));
    if (step >= 2 && step <= SIZE_MAX) steps.set(step, (steps.get(step) ?? 0) + 1);
  }
  const best = mostOf(steps);
  return best === undefined ? undefined : { unit: "space", size: best };
}

interface Lead {
  readonly unit: "tab" | "space";
  readonly width: number;
}

function leadsOf(lines: Iterable<string>): Lead[] {
  const leads: Lead[] = [];
  let seen = 0;
  for (const line of lines) {
    seen += 1;
    if (seen > INDENT_LINES_MAX) break;
    const lead = leadOf(line);
    if (lead !== undefined) leads.push(lead);
  }
  return leads;
}

/** Undefined for a line that says nothing: empty, or the second line of a block comment. */
function leadOf(line: string): Lead | undefined {
  if (line.startsWith("\t")) return { unit: "tab", width: 0 };
  const width = line.search(/[^ ]/);
  if (width === -1 || line.startsWith("*", width)) return undefined;
  return { unit: "space", width };
}

/** The commonest; of equals the smallest. */
function mostOf(counts: ReadonlyMap<number, number>): number | undefined {
  const sorted = [...counts].sort(([a, many], [b, more]) => more - many || a - b);
  return sorted[0]?.[0];
}
