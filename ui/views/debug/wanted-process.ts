/** The process another part of the window wants to see in the panel: a lamp, a banner. */
import { createSignal } from "solid-js";

const [wanted, setWanted] = createSignal<string | undefined>(undefined);

/** Name of the process whose row is to be selected; undefined once it is. */
export const wantedProcess = wanted;

/** Opens its row and details in Processes as soon as the panel is there; undefined takes the wish back. */
export function wantProcess(name: string | undefined): void {
  setWanted(name);
}
