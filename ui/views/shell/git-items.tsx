/** Branch and open grants in the status bar. */
import { createSignal, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { branchName, branchWords } from "../../state/changes.ts";
import { timeLeft } from "../../state/denial.ts";
import { baseName, counted } from "../../state/words.ts";
import { Distance } from "../changes/distance.tsx";
import { Menu, type MenuPlace } from "../debug/menu.tsx";
import { Icon } from "./icon.tsx";

/** Height of a menu item with two lines. */
const ITEM_PX = 46;

export function BranchItem(): JSX.Element {
  const app = useApp();
  return (
    <Show when={app.changes.status()}>
      {(status) => (
        <button
          type="button"
          class="status-item status-branch inset"
          title={branchWords(status())}
          data-testid="status-branch"
          onClick={() => app.layout.showSide("changes")}
        >
          <Icon name="git-branch" size={12} />
          <span class="status-branch-name">{branchName(status())}</span>
          <Distance status={status()} />
        </button>
      )}
    </Show>
  );
}

/** How long what a person has opened stays open, and a way to end it. */
export function GrantsItem(): JSX.Element {
  const app = useApp();
  const [menu, setMenu] = createSignal<MenuPlace | undefined>(undefined);
  const grants = () => app.denials.grants();
  const left = (untilMs: number) => {
    // It ticks; a busy page's tick may be old when a grant comes, which would make it longer than it is.
    app.processes.nowMs();
    return timeLeft(untilMs, Date.now());
  };
  const first = () => Math.min(...grants().map(({ untilMs }) => untilMs));
  const short = () =>
    `${grants().length === 1 ? baseName(grants()[0]?.path ?? "") : grants().length} ${left(first())}`;
  const words = () =>
    grants().length === 1
      ? `${baseName(grants()[0]?.path ?? "")} is open to you for ${left(first())}`
      : `${counted(grants().length, "closed file")} open to you, the first for ${left(first())}`;
  return (
    <Show when={grants().length > 0}>
      <button
        type="button"
        class="status-item status-loud inset"
        aria-label={`${short()} left, ${words()}`}
        aria-haspopup="menu"
        title={`${words()}\nClick to end it`}
        data-testid="status-grants"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setMenu({ x: box.left, y: box.top - grants().length * ITEM_PX - 12 });
        }}
      >
        <Icon name="lock-open" size={12} />
        {short()}
      </button>
      <Show when={menu()} keyed>
        {(place) => (
          <Menu
            label="Open to you for a while"
            place={place}
            items={grants().map(({ path, untilMs }) => ({
              label: `Close ${baseName(path)} now`,
              says: `${left(untilMs)} left`,
              icon: "lock" as const,
              run: () => app.denials.end(path),
            }))}
            onClose={() => setMenu(undefined)}
          />
        )}
      </Show>
    </Show>
  );
}
