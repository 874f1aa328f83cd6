/** Commits ahead and behind; nothing without an upstream. */
import { type JSX, Show } from "solid-js";
import type { Status } from "../../../bus/contracts/git.ts";
import { Icon } from "../shell/icon.tsx";

export function Distance(props: { status: Status }): JSX.Element {
  const ahead = () => props.status.ahead ?? 0;
  const behind = () => props.status.behind ?? 0;
  return (
    <>
      <Show when={ahead() > 0}>
        <span class="branch-distance">
          <Icon name="arrow-up" size={12} />
          {ahead()}
          <span class="sr-only"> ahead</span>
        </span>
      </Show>
      <Show when={behind() > 0}>
        <span class="branch-distance">
          <Icon name="arrow-down" size={12} />
          {behind()}
          <span class="sr-only"> behind</span>
        </span>
      </Show>
    </>
  );
}
