/** A tab: icon, title, badge, close. Middle click closes, double click renames. */
import { createEffect, type JSX, Match, Show, Switch } from "solid-js";
import type { Session } from "../../../bus/contracts/terminal.ts";
import { useApp } from "../../app/app.ts";
import type { IconName } from "../../icons.ts";
import { type Badge, badgeOf, badgeWords, titleOf } from "../../state/badges.ts";
import { diffTitle, readDiffId } from "../../state/diff-id.ts";
import { fileIcon } from "../../state/file-icon.ts";
import { baseName } from "../../state/words.ts";
import { Icon } from "../shell/icon.tsx";
import type { PanelProps } from "./solid-panel.ts";

const NO_BADGE: Badge = { kind: "none" };

export function Tab(props: PanelProps): JSX.Element {
  const app = useApp();
  const session = () => {
    const id = props.params().session;
    return id === undefined ? undefined : app.sessions.byId(id);
  };
  const isTerminal = () => props.api.id.startsWith("terminal-");
  const path = () => props.params().path;
  const isEditor = () => props.api.id.startsWith("editor-");
  const isDirty = () => {
    const file = path();
    return file !== undefined && isEditor() && app.editors.isDirty(file);
  };
  const title = () => {
    const known = session();
    const file = path();
    if (known !== undefined) return titleOf(known);
    if (file !== undefined) return fileTitle(props.api.id, file);
    if (isTerminal()) return "terminal";
    const diff = readDiffId(props.api.id);
    return diff === undefined ? "Settings" : diffTitle(diff);
  };
  const icon = (): IconName => {
    const file = path();
    if (isTerminal()) return "terminal";
    if (readDiffId(props.api.id) !== undefined) return "git-compare";
    return file === undefined ? "settings" : fileIcon(baseName(file));
  };
  const badge = (): Badge => {
    const known = session();
    if (known === undefined) return NO_BADGE;
    return badgeOf(known, app.sessions.seen(known.id), app.processes.nowMs());
  };
  const close = () => app.dock()?.closeTab(props.api.id);
  const isPreview = () => app.dock()?.isPreview(props.api.id) === true;
  // What is edited stays.
  createEffect(() => isDirty() && app.dock()?.keepTab(props.api.id));
  const show = () => {
    app.dock()?.focusTab(props.api.id);
    app.dock()?.focusActive();
  };
  createEffect(() => {
    if (isTerminal() || path() !== undefined) props.api.setTitle(title());
  });
  return (
    <div
      ref={(element) => {
        // A click leaves the keys with what the tab shows, not with the tab.
        element.addEventListener("mousedown", (event) => event.preventDefault());
        element.addEventListener("click", show);
        element.addEventListener("auxclick", ({ button }) => button === 1 && close());
        element.addEventListener("dblclick", () => {
          if (isTerminal()) app.run("tab.rename");
          else app.dock()?.keepTab(props.api.id);
        });
      }}
      class="tab"
      classList={{ "tab-dirty": isDirty(), "tab-preview": isPreview() }}
      title={isPreview() ? previewTip(path()) : (path() ?? tooltip(title(), session()))}
      data-testid={`tab-${props.api.id}`}
      data-session={props.params().session}
      data-path={path()}
    >
      <Icon name={icon()} />
      <span class="tab-title">{title()}</span>
      <TabBadge badge={badge()} />
      <Show when={isDirty()}>
        <span
          class="tab-unsaved"
          role="img"
          aria-label="not saved"
          title="Not saved"
          data-testid="tab-dirty"
        />
      </Show>
      <CloseMark onClose={close} />
    </div>
  );
}

/**
 * For the mouse only: a tab is one control for assistive technology, and Ctrl+Shift+W closes it for everyone.
 */
function CloseMark(props: { onClose: () => void }): JSX.Element {
  const wire = (element: HTMLElement) => {
    element.addEventListener("pointerdown", (event) => event.stopPropagation());
    element.addEventListener("click", () => props.onClose());
  };
  return (
    <span
      ref={wire}
      class="tab-close"
      title="Close (Ctrl+Shift+W)"
      data-testid="close-tab"
      aria-hidden="true"
    >
      <Icon name="x" size={14} />
    </span>
  );
}

function TabBadge(props: { badge: Badge }): JSX.Element {
  return (
    <Show when={props.badge.kind !== "none"}>
      <span
        class={`tab-badge tab-badge-${props.badge.kind}`}
        role="img"
        aria-label={badgeWords(props.badge)}
        title={badgeWords(props.badge)}
        data-testid="tab-badge"
      >
        <Switch>
          <Match when={props.badge.kind === "running"}>
            <span class="tab-dot" />
          </Match>
          <Match when={props.badge.kind === "ended-well"}>
            <Icon name="check" size={12} />
          </Match>
          <Match when={props.badge.kind === "ended-badly" && props.badge}>
            {(bad) => <>{bad().code}</>}
          </Match>
          <Match when={props.badge.kind === "bell"}>
            <Icon name="bell" size={12} />
          </Match>
        </Switch>
      </span>
    </Show>
  );
}

function previewTip(path = ""): string {
  return `${path}\nThe next file that is looked at takes its place. Double-click keeps it.`;
}

function fileTitle(panel: string, path: string): string {
  return panel.startsWith("compare-") ? `${baseName(path)}, versions` : baseName(path);
}

function tooltip(title: string, session: Session | undefined): string {
  if (session === undefined) return title;
  const { pid, cwd, heldBy } = session;
  const holder = heldBy === "" ? "" : `held by Bulkhead ${heldBy}`;
  return [title, `pid ${pid}`, cwd, holder].filter((line) => line !== "").join("\n");
}
