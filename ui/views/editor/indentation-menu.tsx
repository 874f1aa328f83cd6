/** How this view indents, chosen over what was found. */
import type { JSX } from "solid-js";
import type { Indentation } from "../../state/indentation.ts";
import { Menu } from "../debug/menu.tsx";
import { indentationWords } from "./editor-status.ts";

const CHOICES: readonly Indentation[] = [
  { unit: "space", size: 2 },
  { unit: "space", size: 4 },
  { unit: "space", size: 8 },
  { unit: "tab", size: 2 },
  { unit: "tab", size: 4 },
  { unit: "tab", size: 8 },
];

export function IndentationMenu(props: {
  onPick: (indentation: Indentation) => void;
  onClose: () => void;
}): JSX.Element {
  return (
    <Menu
      label="Indentation"
      place={{ x: innerWidth, y: innerHeight - 28 }}
      items={CHOICES.map((choice) => ({
        label: indentationWords(choice),
        run: () => props.onPick(choice),
      }))}
      onClose={props.onClose}
    />
  );
}
