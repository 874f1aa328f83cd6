/** Doing something to a process by hand: first what it would do, then doing it, asking only where something is lost. */
import { type Accessor, createSignal, onCleanup } from "solid-js";
import {
  act as actMethod,
  consequence as consequenceMethod,
  HubCode,
  type ProcessAct,
} from "../../../bus/contracts/hub.ts";
import { isBusError } from "../../../bus/errors.ts";
import type { App } from "../../app/app.ts";
import { ACT_WORDS } from "../../state/processes.ts";

/** What the hub said an act would do. */
export interface Consequence {
  readonly sentence: string;
  readonly loses: readonly string[];
}

/** How long "Kill anyway" stands. */
export const ARMED_MS = 4_000;
const ASK_MS = 2_000;

export interface ProcessActs {
  /** The sentence of an act as last asked, for tooltips. */
  readonly said: (name: string, act: ProcessAct) => Consequence | undefined;
  /** Asks the hub what an act would do now. */
  ask(name: string, act: ProcessAct): Promise<Consequence | undefined>;
  /** The act that waits for its second press. */
  readonly armed: Accessor<{ readonly name: string; readonly act: ProcessAct } | undefined>;
  /** Pressed: does it, arms it, or opens the dialog of the keeper. */
  press(name: string, act: ProcessAct): Promise<void>;
}

/** Lives in the calling reactive scope. */
export function createProcessActs(app: App): ProcessActs {
  const [answers, setAnswers] = createSignal<ReadonlyMap<string, Consequence>>(new Map());
  const [armed, setArmed] = createSignal<{ name: string; act: ProcessAct } | undefined>(undefined);
  let disarm: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(disarm));

  const ask = async (name: string, act: ProcessAct) => {
    try {
      const { sentence, loses } = await app.connection.request(
        consequenceMethod,
        { name, act },
        { timeoutMs: ASK_MS },
      );
      const answer = { sentence, loses };
      setAnswers((known) => new Map([...known, [keyOf(name, act), answer] as const].slice(-200)));
      return answer;
    } catch {
      // Without an answer the act itself still tells what came of it.
      return undefined;
    }
  };
  const arm = (name: string, act: ProcessAct) => {
    clearTimeout(disarm);
    setArmed({ name, act });
    disarm = setTimeout(() => setArmed(undefined), ARMED_MS);
  };
  return {
    said: (name, act) => answers().get(keyOf(name, act)),
    ask,
    armed,
    press: async (name, act) => {
      const isSecond = armed()?.name === name && armed()?.act === act;
      clearTimeout(disarm);
      setArmed(undefined);
      const answer = isSecond ? undefined : await ask(name, act);
      if (name === "keeper" && act === "kill") return endKeeper(app, answer?.loses ?? []);
      if ((answer?.loses.length ?? 0) > 0) return arm(name, act);
      return perform(app, { name, act, endShells: false });
    },
  };
}

function keyOf(name: string, act: ProcessAct): string {
  return `${act} ${name}`;
}

/** Ending the keeper ends every shell: the one act that a dialog asks about. */
async function endKeeper(app: App, programs: readonly string[]): Promise<void> {
  const count = programs.length;
  const end =
    count === 1 ? "End 1 program" : count === 0 ? "End the keeper" : `End ${count} programs`;
  const { value } = await app.dialog.ask({
    title: "Ending the keeper ends every shell of this workspace",
    lines: count === 0 ? ["No program runs in it now."] : programs,
    buttons: [
      { value: "end", label: end },
      { value: "cancel", label: "Cancel", isDefault: true },
    ],
  });
  if (value === "end") await perform(app, { name: "keeper", act: "kill", endShells: true });
}

async function perform(
  app: App,
  input: { readonly name: string; readonly act: ProcessAct; readonly endShells: boolean },
): Promise<void> {
  try {
    await app.connection.request(actMethod, input);
  } catch (error) {
    const words = `${ACT_WORDS[input.act].word} ${input.name}`;
    const isRefused = isBusError(error, HubCode.notOffered);
    app.toasts.show({
      tag: `act ${input.name}`,
      level: isRefused ? "warn" : "error",
      title: isRefused ? `${words}: not offered.` : `${words} failed.`,
      text: error instanceof Error ? error.message : String(error),
    });
  }
}
