/**
 * xterm draws all rows a second time in every frame in which something scrolled, for the selection to move with them.
 * Without one there is nothing to move: in a flood that was a tenth of the time.
 */

/** xterm's own object behind its API. */
interface SelectionInside {
  readonly hasSelection: boolean;
  refresh(isFromMouse?: boolean): void;
}

/** Call once the terminal is opened; lives as long. Another version of xterm draws as it does. */
export function quietSelection(terminal: object): void {
  const { _core } = terminal as { _core?: { _selectionService?: SelectionInside } };
  const selection = _core?._selectionService;
  if (selection === undefined) return;
  const refresh = selection.refresh.bind(selection);
  let hadSelection = false;
  selection.refresh = (isFromMouse) => {
    const { hasSelection } = selection;
    // Once more without, to take the drawn one away.
    if (hasSelection || hadSelection) refresh(isFromMouse);
    hadSelection = hasSelection;
  };
}
