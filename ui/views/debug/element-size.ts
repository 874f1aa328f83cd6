/** The size of an element as signals. */
import { type Accessor, createSignal, onCleanup } from "solid-js";

export interface ElementSize {
  /** Content box, pixels; 0 until the first layout. */
  readonly width: Accessor<number>;
  readonly height: Accessor<number>;
  /** Takes the element to watch; watching ends with the reactive scope. */
  observe(element: HTMLElement): void;
}

/** Lives in the calling reactive scope. */
export function createElementSize(): ElementSize {
  const [width, setWidth] = createSignal(0);
  const [height, setHeight] = createSignal(0);
  const observer = new ResizeObserver((entries) => {
    const box = entries.at(-1)?.contentRect;
    if (box === undefined) return;
    setWidth(box.width);
    setHeight(box.height);
  });
  onCleanup(() => observer.disconnect());
  return { width, height, observe: (element) => observer.observe(element) };
}
