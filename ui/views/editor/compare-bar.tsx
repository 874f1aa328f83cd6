/** What is compared, each side a button that chooses another version, and the way through the changes. */
import { type JSX, Show } from "solid-js";
import type { DiffLayout } from "../../editor/text-diff.ts";
import { DiffTools, Tool } from "../diff/diff-tools.tsx";
import { Icon } from "../shell/icon.tsx";

export type CompareSide = "before" | "after";

export function CompareBar(props: {
  /** What is shown of each side; undefined: not chosen yet. */
  names: Readonly<Record<CompareSide, string | undefined>>;
  layout: DiffLayout;
  /** Whether there are texts to step through. */
  isDrawn: boolean;
  onChoose: (side: CompareSide) => void;
  onSwap: () => void;
  onStep: (direction: 1 | -1) => void;
  onLayout: (layout: DiffLayout) => void;
}): JSX.Element {
  return (
    <div class="diff-bar" role="toolbar" aria-label="Versions">
      <SideButton side="before" name={props.names.before} onChoose={props.onChoose} />
      <Tool icon="arrow-left-right" label="Swap the sides" run={props.onSwap} />
      <SideButton side="after" name={props.names.after} onChoose={props.onChoose} />
      <span class="compare-rest" />
      <DiffTools
        layout={props.layout}
        isDrawn={props.isDrawn}
        keys={{ previous: "Shift+F7", next: "F7" }}
        onStep={props.onStep}
        onLayout={props.onLayout}
      />
    </div>
  );
}

function SideButton(props: {
  side: CompareSide;
  name: string | undefined;
  onChoose: (side: CompareSide) => void;
}): JSX.Element {
  const words = () => (props.side === "before" ? "Old side" : "New side");
  return (
    <button
      type="button"
      class="compare-side"
      aria-haspopup="listbox"
      aria-label={`${words()}: ${props.name ?? "choose a version"}`}
      title={`${words()}: ${props.name ?? ""}\nClick to choose another version`}
      data-testid={`compare-${props.side}`}
      onClick={() => props.onChoose(props.side)}
    >
      <span class="compare-name">
        <Show when={props.name} fallback="Choose a version">
          {props.name}
        </Show>
      </span>
      <Icon name="chevron-down" size={12} />
    </button>
  );
}
