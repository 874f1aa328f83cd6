/** Two versions of a file beside each other, each side a person's choice; at first what is on disk and what is here. */
import { Text } from "@codemirror/state";
import type { DockviewPanelApi } from "dockview-core";
import {
  type Accessor,
  createEffect,
  createMemo,
  createSignal,
  type JSX,
  Match,
  on,
  onCleanup,
  Show,
  Switch,
  untrack,
} from "solid-js";
import { useApp } from "../../app/app.ts";
import { holdDocument } from "../../app/document-store.ts";
import type { VersionText } from "../../app/version-texts.ts";
import { describeLanguage } from "../../editor/languages.ts";
import type { OpenDocument } from "../../editor/open-document.ts";
import { type DiffLayout, TextDiff } from "../../editor/text-diff.ts";
import { readVersionId, type Version, versionId, versionName } from "../../state/version-id.ts";
import { baseName } from "../../state/words.ts";
import { createElementSize } from "../debug/element-size.ts";
import { DiffFailure } from "../diff/diff-failure.tsx";
import { fittingLayout } from "../diff/diff-tools.tsx";
import type { PanelProps } from "../dock/solid-panel.ts";
import { CompareBar, type CompareSide } from "./compare-bar.tsx";
import { compareNote } from "./compare-note.ts";
import "./editor.css";
import { plainHandle } from "./plain-handle.ts";
import { VersionPicker } from "./version-picker.tsx";
import { followVersion } from "./version-source.ts";

export function CompareView(props: PanelProps): JSX.Element {
  const app = useApp();
  const path = props.params().path ?? "";
  const { document, release } = holdDocument(app, path);
  onCleanup(release);
  const size = createElementSize();
  const [wanted, setWanted] = createSignal<DiffLayout | undefined>(undefined);
  const layout = () => wanted() ?? fittingLayout(size.width());
  const { versions, choose } = chosenVersions(props, path);
  const before = followVersion(app, document, () => versions().before);
  const after = followVersion(app, document, () => versions().after);
  const name = (version: Version | undefined) => version && versionName(version, baseName);
  const names = () => ({ before: name(versions().before), after: name(versions().after) });
  const note = () => compareNote(before(), after(), names());
  const failure = () => before().error ?? after().error;
  const { picked, setPicked, closePicker } = pickedSide(versions, choose);
  let parent: HTMLElement | undefined;
  const diff = drawnDiff({
    path,
    parent: () => (note().type === "instead" || failure() !== undefined ? undefined : parent),
    sides: () => ({ before: before().text, after: after().text }),
    names,
    layout,
  });
  offerHandle({ document, api: props.api, diff });
  // The tab had the focus before there was anything to take it.
  createEffect(() => {
    const isFree = globalThis.document.activeElement === globalThis.document.body;
    if (diff() !== undefined && isFree && untrack(() => app.dock()?.active()) === props.api.id) {
      app.dock()?.focusActive();
    }
  });
  const again = (): void => {
    before().again();
    after().again();
  };
  return (
    <section
      class="compare-view"
      aria-label={`Versions of ${baseName(path)}`}
      data-testid="compare"
      ref={size.observe}
    >
      <CompareBar
        names={names()}
        layout={layout()}
        isDrawn={diff() !== undefined}
        onChoose={setPicked}
        onSwap={() => choose({ before: versions().after, after: versions().before })}
        onStep={(direction) => diff()?.step(direction)}
        onLayout={setWanted}
      />
      <Says words={note().words} failure={failure()} onAgain={again} />
      <div
        class="editor-body compare-body"
        ref={(made) => {
          parent = made;
        }}
      />
      <Show when={picked()} keyed>
        {(side) => (
          <VersionPicker
            path={path}
            label={side === "before" ? "Old side" : "New side"}
            onPick={(version) => choose({ [side]: version })}
            onClose={closePicker}
          />
        )}
      </Show>
    </section>
  );
}

type Sides<T> = Readonly<Record<CompareSide, T>>;

/** What the tab compares, as its layout keeps it. */
function chosenVersions(props: PanelProps, path: string) {
  const versions = createMemo<Sides<Version | undefined>>(() => ({
    before: readVersionId(props.params().before ?? "disk"),
    after: readVersionId(props.params().after ?? "here"),
  }));
  const idOf = (version: Version | undefined) => (version === undefined ? "" : versionId(version));
  const choose: Choose = (sides) => {
    const { before, after } = { ...versions(), ...sides };
    props.api.updateParameters({ path, before: idOf(before), after: idOf(after) });
  };
  return { versions, choose };
}

type Choose = (sides: Partial<Sides<Version | undefined>>) => void;

/** The side whose list is open: at once the old one, where it was not chosen yet. */
function pickedSide(versions: Accessor<Sides<Version | undefined>>, choose: Choose) {
  const [picked, setPicked] = createSignal<CompareSide | undefined>(undefined);
  createEffect(() => {
    if (versions().before === undefined) setPicked("before");
  });
  const closePicker = (): void => {
    setPicked(undefined);
    // Nothing was chosen: the list would come again with every load of the page.
    if (versions().before === undefined) choose({ before: { is: "disk" } });
  };
  return { picked, setPicked, closePicker };
}

interface Drawing {
  readonly path: string;
  /** Where it is drawn; undefined: nothing is to be drawn. */
  readonly parent: Accessor<HTMLElement | undefined>;
  readonly sides: Accessor<Sides<VersionText | undefined>>;
  readonly names: Accessor<Sides<string | undefined>>;
  readonly layout: Accessor<DiffLayout>;
}

/** The difference, drawn anew whenever a side or the layout changes. */
function drawnDiff({
  path,
  parent,
  sides,
  names,
  layout,
}: Drawing): Accessor<TextDiff | undefined> {
  const [diff, setDiff] = createSignal<TextDiff | undefined>(undefined);
  const draw = (): void => {
    diff()?.close();
    setDiff(undefined);
    const [place, { before, after }] = [parent(), sides()];
    if (place === undefined || before === undefined || after === undefined) return;
    const text = { before: textOf(before), after: textOf(after) };
    const labels = {
      before: `${baseName(path)}, ${names().before}`,
      after: `${baseName(path)}, ${names().after}`,
    };
    const language = describeLanguage(path, text.after.line(1).text);
    setDiff(new TextDiff({ parent: place, ...text, labels, language, layout: layout() }));
  };
  createEffect(on([sides, layout], draw));
  onCleanup(() => diff()?.close());
  return diff;
}

/** What is not there is compared as an empty text. */
function textOf(side: VersionText): Text {
  return side.is === "text" ? side.text : Text.empty;
}

function Says(props: { words: string; failure: unknown; onAgain: () => void }): JSX.Element {
  return (
    <Switch>
      <Match when={props.failure}>
        <DiffFailure failure={props.failure} where="in a comparison" onAgain={props.onAgain} />
      </Match>
      <Match when={props.words !== ""}>
        <p class="editor-note" role="status" data-testid="compare-note">
          {props.words}
        </p>
      </Match>
    </Switch>
  );
}

function offerHandle(options: {
  document: OpenDocument;
  api: DockviewPanelApi;
  diff: () => TextDiff | undefined;
}): void {
  const app = useApp();
  const { document, api, diff } = options;
  const plain = plainHandle({
    app,
    path: document.path,
    focus: () => diff()?.view?.focus(),
    reveal: () => undefined,
    format: () => "",
  });
  app.dock()?.offerEditor(api.id, {
    ...plain,
    run(act) {
      if (act === "next-change") diff()?.step(1);
      if (act === "previous-change") diff()?.step(-1);
    },
    status: () => undefined,
  });
  onCleanup(() => app.dock()?.withdrawEditor(api.id));
}
