/** A dialog over the page. It keeps the keyboard while it is shown and gives it back to what had it. */
import { type JSX, onCleanup, onMount } from "solid-js";
import { useApp } from "../../app/app.ts";
import "./dialog.css";

/** Shown as long as it is mounted. `onCancel`: Esc was pressed; it does not close itself. */
export function Modal(props: {
  /** Id of the element that titles it. */
  titleId: string;
  testId: string;
  /** Where the keyboard goes first. Default: the first control. */
  focusFirst?: string;
  onCancel: () => void;
  children: JSX.Element;
}): JSX.Element {
  const app = useApp();
  let element: HTMLDialogElement | undefined;
  const before = document.activeElement;
  onMount(() => {
    element?.showModal();
    if (props.focusFirst !== undefined) {
      element?.querySelector<HTMLElement>(props.focusFirst)?.focus();
    }
  });
  onCleanup(() => {
    // While it is open as modal nothing outside can take the focus.
    element?.close();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    else app.dock()?.focusActive();
  });
  return (
    <dialog
      ref={(made) => {
        element = made;
      }}
      class="dialog"
      aria-labelledby={props.titleId}
      data-testid={props.testId}
      onCancel={(event) => {
        event.preventDefault();
        props.onCancel();
      }}
    >
      {props.children}
    </dialog>
  );
}
