/** The languages there are: one is chosen for this view. */
import { createMemo, createSignal, type JSX } from "solid-js";
import { Portal } from "solid-js/web";
import { languageNames } from "../../editor/languages.ts";
import { fuzzyFilter } from "../../state/fuzzy.ts";
import { Marked, PickList } from "../palette/pick-list.tsx";

export function LanguagePicker(props: {
  current: string;
  onPick: (name: string) => void;
  onClose: () => void;
}): JSX.Element {
  const [query, setQuery] = createSignal("");
  const found = createMemo(() => fuzzyFilter(query(), languageNames(), (name) => name));
  return (
    <Portal>
      <PickList
        name="language"
        label="Languages"
        inputLabel="Language"
        placeholder={`Language, now ${props.current}`}
        maxLength={60}
        items={found()}
        empty="No language matches."
        onText={setQuery}
        onPick={(found) => {
          if (found !== undefined) props.onPick(found.item);
          props.onClose();
        }}
        onClose={props.onClose}
      >
        {({ item, at }) => (
          <span class="palette-title">
            <Marked text={item} hits={at} />
          </span>
        )}
      </PickList>
    </Portal>
  );
}
