/** What is compared, each side a button that chooses another version, and the way through the changes. */
import { type JSX, Show } from "solid-js";
import { Icon } from "../shell/icon.tsx";

export type CompareLayout = "beside" | "over";
export type CompareSide = "before" | "after";

export function CompareBar(props: {
  /** What is shown of each side; undefined: not chosen yet. */
  names: Readonly<Record<CompareSide, string | undefined>>;
  layout: CompareLayout;
  /** Whether there are texts to step through. */
  isDrawn: boolean;
  onChoose: (side: CompareSide) => void;
  onSwap: () => void;
  onStep: (direction: 1 | -1) => void;
  onLayout: (layout: CompareLayout) => void;
}): JSX.Element {
  const isOver = () => props.layout === "over";
  return (
    <div class="diff-bar" role="toolbar" aria-label="Versions">
      <SideButton side="before" name={props.names.before} onChoose={props.onChoose} />
      <button
        type="button"
        class="icon-only"
        aria-label="Swap the sides"
        title="Swap the sides"
        onClick={() => props.onSwap()}
      >
        <Icon name="arrow-left-right" size={14} />
      </button>
      <SideButton side="after" name={props.names.after} onChoose={props.onChoose} />
      <span class="compare-rest" />
      <button
        type="button"
        class="icon-only"
        aria-label="Previous change"
        title="Previous change (Shift+F7)"
        disabled={!props.isDrawn}
        onClick={() => props.onStep(-1)}
      >
        <Icon name="arrow-up" size={14} />
      </button>
      <button
        type="button"
        class="icon-only"
        aria-label="Next change"
        title="Next change (F7)"
        disabled={!props.isDrawn}
        onClick={() => props.onStep(1)}
      >
        <Icon name="arrow-down" size={14} />
      </button>
      <button
        type="button"
        class="icon-only"
        aria-label="Side by side"
        title={isOver() ? "Side by side" : "One over the other"}
        aria-pressed={!isOver()}
        onClick={() => props.onLayout(isOver() ? "beside" : "over")}
      >
        <Icon name={isOver() ? "columns-2" : "rows-2"} size={14} />
      </button>
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
