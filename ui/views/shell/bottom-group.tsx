/** The bottom group: the debug panel, 40 % of the height, 240 px to 70 %. */
import type { JSX } from "solid-js";
import { useApp } from "../../app/app.ts";
import { BOTTOM_SHARE_DEFAULT, draggedBottomShare } from "../../state/layout.ts";
import { DebugPanel } from "../debug/index.tsx";
import { ViewBoundary } from "./view-boundary.tsx";

export interface BottomGroupProps {
  readonly isMaximised: boolean;
  readonly onToggleMaximise: () => void;
  readonly onClose: () => void;
}

export function BottomGroup(props: BottomGroupProps): JSX.Element {
  const app = useApp();
  const height = () => (props.isMaximised ? "100%" : `${app.layout.layout().bottom.share * 100}%`);
  return (
    <section
      class="bottom-group"
      style={{ height: height() }}
      aria-label="Debug panel"
      data-testid="bottom-group"
    >
      <BottomEdge />
      <ViewBoundary name="The debug panel">
        <DebugPanel
          onClose={props.onClose}
          onToggleMaximize={props.onToggleMaximise}
          maximized={props.isMaximised}
        />
      </ViewBoundary>
    </section>
  );
}

function BottomEdge(): JSX.Element {
  const app = useApp();
  const resize = (height: number, whole: number) =>
    app.layout.setBottom({ share: draggedBottomShare(height, whole) });
  const drag = (event: PointerEvent & { currentTarget: HTMLDivElement }) => {
    const handle = event.currentTarget;
    const frame = handle.parentElement?.parentElement?.getBoundingClientRect();
    if (frame === undefined) return;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) => resize(frame.bottom - move.clientY, frame.height);
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowUp: 0.05, ArrowDown: -0.05 }[event.key];
    if (by !== undefined) resize((app.layout.layout().bottom.share + by) * 1000, 1000);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a window splitter is a focusable separator, which hr cannot be.
    <div
      class="bottom-edge inset"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the debug panel"
      aria-valuenow={Math.round(app.layout.layout().bottom.share * 100)}
      tabindex="0"
      onPointerDown={drag}
      onKeyDown={step}
      onDblClick={() => app.layout.setBottom({ share: BOTTOM_SHARE_DEFAULT })}
    />
  );
}
