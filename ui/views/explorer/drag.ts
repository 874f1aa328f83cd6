/** Dragging a line onto a folder moves it there. By pointer: the web's own drag and drop is the desktop's in a webview. */
import { type Accessor, createSignal } from "solid-js";
import { type EntryRow, ROOT } from "../../state/file-tree.ts";

/** A press that moves less is a click, CSS pixels. */
const LEAST_PX = 5;

export interface DragScene {
  rowAt(y: number): EntryRow | undefined;
  drop(row: EntryRow, into: EntryRow | undefined): void;
}

export interface Drag {
  /** Key of the folder what is dragged would land in; undefined while nothing is dragged. */
  readonly target: Accessor<string | undefined>;
  start(event: PointerEvent & { currentTarget: HTMLElement }): void;
}

export function createDrag(scene: DragScene): Drag {
  const [target, setTarget] = createSignal<string | undefined>(undefined);
  return {
    target,
    start(event) {
      const row = scene.rowAt(event.clientY);
      const isOurs = event.button === 0 && !(event.target instanceof HTMLInputElement);
      if (row === undefined || !isOurs || row.entry.kind === "closed") return;
      const list = event.currentTarget;
      const firstY = event.clientY;
      let into: EntryRow | undefined;
      let isDragging = false;
      const end = new AbortController();
      const options = { signal: end.signal };
      const move = (moved: PointerEvent): void => {
        if (!isDragging && Math.abs(moved.clientY - firstY) < LEAST_PX) return;
        isDragging = true;
        const under = scene.rowAt(moved.clientY);
        into = under?.entry.kind === "folder" ? under : undefined;
        setTarget(into?.key ?? ROOT);
      };
      const stop = (): void => {
        end.abort();
        setTarget(undefined);
      };
      list.addEventListener("pointermove", move, options);
      addEventListener("pointercancel", stop, options);
      addEventListener("blur", stop, options);
      addEventListener("keydown", (key) => key.key === "Escape" && stop(), options);
      addEventListener(
        "pointerup",
        (up) => {
          stop();
          if (!isDragging) return;
          swallowClick();
          if (list.contains(up.target as Node)) scene.drop(row, into);
        },
        options,
      );
    },
  };
}

/** The click that ends a drag, if one comes, folds nothing. */
function swallowClick(): void {
  const end = new AbortController();
  const options = { capture: true, signal: end.signal };
  addEventListener("click", (click) => click.stopPropagation(), options);
  setTimeout(() => end.abort());
}
