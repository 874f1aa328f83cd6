/** Text as the editor holds it. */
import { Text } from "@codemirror/state";

/** Lines end as in any system. */
export function lineText(text: string): Text {
  return Text.of(text.split(/\r\n?|\n/));
}
