/** A change, read only: what was beside what is, or one over the other. */
import { Text } from "@codemirror/state";
import {
  batch,
  createEffect,
  createSignal,
  type JSX,
  Match,
  on,
  onCleanup,
  Show,
  Switch,
} from "solid-js";
import { useApp } from "../../app/app.ts";
import { denialIn } from "../../app/denial-store.ts";
import { type DiffTexts, readDiffTexts } from "../../app/diff-texts.ts";
import { openInWorkspace } from "../../app/open-place.ts";
import { describeLanguage } from "../../editor/languages.ts";
import { lineText } from "../../editor/line-text.ts";
import { type DiffLayout, TextDiff } from "../../editor/text-diff.ts";
import { type DiffId, type DiffOf, readDiffId, sideNames } from "../../state/diff-id.ts";
import { createElementSize } from "../debug/element-size.ts";
import type { PanelProps } from "../dock/solid-panel.ts";
import { ProcessBanner } from "../shell/process-banner.tsx";
import { diffNote } from "./note.ts";
import "./diff.css";
import { DiffFailure } from "./diff-failure.tsx";
import { DiffTools, fittingLayout, Tool } from "./diff-tools.tsx";

/** What a person chose, for all diffs of this page. */
const [wantedLayout, setWantedLayout] = createSignal<DiffLayout | undefined>(undefined);

export function DiffView(props: PanelProps): JSX.Element {
  const app = useApp();
  const id = readDiffId(props.api.id) ?? { group: "changed", path: "" };
  const size = createElementSize();
  const [texts, setTexts] = createSignal<DiffTexts | undefined>(undefined, { equals: isSame });
  const [failure, setFailure] = createSignal<unknown>(undefined);
  const layout = (): DiffLayout => wantedLayout() ?? fittingLayout(size.width());
  let loads = 0;
  const load = (): void => {
    loads += 1;
    const mine = loads;
    const change = changeOf(id, app.changes.status()?.changes);
    // An answer that was overtaken by a later question tells of a file that may be closed by now.
    const ifLast = (take: () => void): void => {
      if (mine === loads) batch(take);
    };
    readDiffTexts(app.connection, change).then(
      (read) =>
        ifLast(() => {
          setFailure(undefined);
          setTexts(read);
        }),
      (error: unknown) =>
        ifLast(() => {
          setFailure(() => error);
          if (denialIn(error) !== undefined) setTexts(undefined);
        }),
    );
  };
  // Asked again with every answer of git's: the file may have changed as well.
  createEffect(on([app.changes.answers, app.denials.grants], load));
  onCleanup(app.changes.watch());
  let parent: HTMLElement | undefined;
  const [diff, setDiff] = createSignal<TextDiff | undefined>(undefined);
  const draw = (): void => {
    diff()?.close();
    setDiff(undefined);
    const read = texts();
    if (parent === undefined || read === undefined || failure() !== undefined) return;
    if (diffNote(read).type === "instead") return;
    const { before, after } = { before: textOf(read.before), after: textOf(read.after) };
    const names = sideNames(id, app.changes.status()?.changes ?? []);
    const labels = { before: `${id.path}, ${names.before}`, after: `${id.path}, ${names.after}` };
    const language = describeLanguage(id.path, after.line(1).text);
    setDiff(new TextDiff({ parent, before, after, labels, language, layout: layout() }));
  };
  createEffect(on([texts, layout, failure], draw));
  onCleanup(() => diff()?.close());
  return (
    <section
      class="diff-view"
      aria-label={`Changes of ${id.path}`}
      data-testid="diff"
      ref={size.observe}
    >
      <ProcessBanner process="git" />
      <Bar id={id} layout={layout()} diff={diff()} />
      <Says id={id} texts={texts()} failure={failure()} onAgain={load} />
      <div
        class="diff-body"
        ref={(made) => {
          parent = made;
        }}
      />
    </section>
  );
}

function Bar(props: { id: DiffId; layout: DiffLayout; diff: TextDiff | undefined }): JSX.Element {
  const app = useApp();
  const names = () => sideNames(props.id, app.changes.status()?.changes ?? []);
  return (
    <div class="diff-bar" role="toolbar" aria-label="Changes">
      <span class="diff-path" title={props.id.path}>
        {props.id.path}
      </span>
      <span class="diff-sides">
        {names().before} <span aria-hidden="true">&rarr;</span>
        <span class="sr-only"> beside </span> {names().after}
      </span>
      <DiffTools
        layout={props.layout}
        isDrawn={props.diff !== undefined}
        onStep={(direction) => props.diff?.step(direction)}
        onLayout={setWantedLayout}
      />
      <Tool
        icon="file"
        label="Open the file"
        run={() => void openInWorkspace(app, { path: props.id.path, line: 0, column: 0 })}
      />
    </div>
  );
}

function Says(props: {
  id: DiffId;
  texts: DiffTexts | undefined;
  failure: unknown;
  onAgain: () => void;
}): JSX.Element {
  const note = () => (props.texts === undefined ? undefined : diffNote(props.texts).words);
  return (
    <Switch>
      <Match when={props.failure}>
        <DiffFailure failure={props.failure} where="in Changes" onAgain={props.onAgain} />
      </Match>
      <Match when={props.texts === undefined}>
        <div class="diff-note" role="status">
          <Show when={props.id.path !== ""} fallback="This tab shows nothing any more.">
            Reading both texts
          </Show>
        </div>
      </Match>
      <Match when={note()}>
        {(words) => (
          <p class="diff-note" role="status" data-testid="diff-note">
            {words()}
          </p>
        )}
      </Match>
    </Switch>
  );
}

/** What git said of the file last; what it was renamed from is needed. */
function changeOf(id: DiffId, changes: readonly DiffOf[] = []): DiffOf {
  const known = changes.find(({ group, path }) => group === id.group && path === id.path);
  return known ?? { ...id, how: "modified" };
}

function textOf(side: DiffTexts["before"]): Text {
  return side.is === "text" ? lineText(side.text) : Text.empty;
}

function isSame(one: DiffTexts | undefined, other: DiffTexts | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
