/** A menu at a point of the page: arrow keys, Enter, Esc; it closes on any press outside. */
import { Index, type JSX, onCleanup, onMount, Show } from "solid-js";
import { Portal } from "solid-js/web";
import type { IconName } from "../../icons.ts";
import { Icon } from "../shell/icon.tsx";
import "./menu.css";

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  /** Second line in dim: what it would do. */
  readonly says?: string | undefined;
  readonly testid?: string;
  /** Why it cannot be done now, shown in place of `says`. */
  readonly unavailable?: string | undefined;
  readonly run: () => void;
}

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

export interface MenuProps {
  readonly label: string;
  readonly place: MenuPlace;
  readonly items: readonly MenuItem[];
  readonly onClose: () => void;
}

export function Menu(props: MenuProps): JSX.Element {
  return (
    <Portal>
      <MenuBody {...props} />
    </Portal>
  );
}

/** Inside the portal, so that it is in the document when it is mounted: it is measured and focused then. */
function MenuBody(props: MenuProps): JSX.Element {
  let element: HTMLDivElement | undefined;
  const before = document.activeElement;
  const onPress = (event: PointerEvent) => {
    if (event.target instanceof Node && element?.contains(event.target) !== true) props.onClose();
  };
  const place = () => {
    if (element === undefined) return;
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(4, Math.min(props.place.x, innerWidth - width - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(props.place.y, innerHeight - height - 4))}px`;
  };
  // It grows when the hub has said what each act would do.
  const observer = new ResizeObserver(place);
  onMount(() => {
    if (element === undefined) return;
    place();
    observer.observe(element);
    element.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    addEventListener("pointerdown", onPress, true);
  });
  onCleanup(() => {
    observer.disconnect();
    removeEventListener("pointerdown", onPress, true);
    if (before instanceof HTMLElement) before.focus();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(element?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.findIndex((item) => item.matches(":focus"));
    const next = nextItem(event.key, at, items.length);
    if (event.key === "Escape" || event.key === "Tab") props.onClose();
    else if (next === undefined) return;
    else items[next]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="debug-menu"
      role="menu"
      tabindex="-1"
      aria-label={props.label}
      data-testid="debug-menu"
      ref={(made) => {
        element = made;
      }}
      onKeyDown={onKeyDown}
    >
      <Index each={props.items}>
        {(item) => (
          <button
            type="button"
            role="menuitem"
            class="debug-menu-item inset"
            data-testid={item().testid}
            aria-disabled={item().unavailable !== undefined}
            onClick={() => {
              if (item().unavailable !== undefined) return;
              props.onClose();
              item().run();
            }}
          >
            <span class="debug-menu-icon">
              <Show when={item().icon}>{(name) => <Icon name={name()} size={16} />}</Show>
            </span>
            <span class="debug-menu-words">
              <span>{item().label}</span>
              <Show when={item().unavailable ?? item().says}>
                <small>{item().unavailable ?? item().says}</small>
              </Show>
            </span>
          </button>
        )}
      </Index>
    </div>
  );
}

function nextItem(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (at - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
