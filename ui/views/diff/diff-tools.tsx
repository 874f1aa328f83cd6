/** The way through the changes of a difference, and how its texts lie. */
import type { JSX } from "solid-js";
import type { DiffLayout } from "../../editor/text-diff.ts";
import type { IconName } from "../../icons.ts";
import { Icon } from "../shell/icon.tsx";
import "./diff.css";

/** Below this the texts lie one over the other unless a person says otherwise, pixels. */
const BESIDE_PX = 800;

export function fittingLayout(width: number): DiffLayout {
  return width < BESIDE_PX ? "over" : "beside";
}

export function DiffTools(props: {
  layout: DiffLayout;
  /** Whether there is a difference to step through. */
  isDrawn: boolean;
  /** Keys that step, shown in brackets. */
  keys?: { readonly previous: string; readonly next: string };
  onStep: (direction: 1 | -1) => void;
  onLayout: (layout: DiffLayout) => void;
}): JSX.Element {
  const isOver = () => props.layout === "over";
  return (
    <>
      <Tool
        icon="arrow-up"
        label="Previous change"
        title={withKey("Previous change", props.keys?.previous)}
        disabled={!props.isDrawn}
        run={() => props.onStep(-1)}
      />
      <Tool
        icon="arrow-down"
        label="Next change"
        title={withKey("Next change", props.keys?.next)}
        disabled={!props.isDrawn}
        run={() => props.onStep(1)}
      />
      <Tool
        icon={isOver() ? "columns-2" : "rows-2"}
        label="Side by side"
        title={isOver() ? "Side by side" : "One over the other"}
        pressed={!isOver()}
        run={() => props.onLayout(isOver() ? "beside" : "over")}
      />
    </>
  );
}

/** A button of the bar over a difference. */
export function Tool(props: {
  icon: IconName;
  label: string;
  title?: string;
  disabled?: boolean;
  pressed?: boolean;
  run: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="icon-only"
      aria-label={props.label}
      title={props.title ?? props.label}
      aria-pressed={props.pressed}
      disabled={props.disabled}
      onClick={() => props.run()}
    >
      <Icon name={props.icon} size={14} />
    </button>
  );
}

function withKey(words: string, key: string | undefined): string {
  return key === undefined ? words : `${words} (${key})`;
}
