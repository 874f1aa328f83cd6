/** A banner: 32 px, what is the matter in bold, what can be done about it. */
import { For, type JSX, Show } from "solid-js";
import type { Banner as BannerFacts } from "../../state/banners.ts";
import "./banner.css";

export interface BannerAct {
  readonly label: string;
  readonly run: () => void;
}

export function Banner(props: {
  banner: BannerFacts;
  more?: number;
  acts: readonly BannerAct[];
  testid: string;
}): JSX.Element {
  return (
    <div class={`banner banner-${props.banner.tone}`} role="status" data-testid={props.testid}>
      <span class="banner-words">
        <strong>{props.banner.title}</strong> {props.banner.text}
      </span>
      <For each={props.acts}>
        {(act) => (
          <button type="button" class="link" onClick={() => act.run()}>
            {act.label}
          </button>
        )}
      </For>
      <Show when={(props.more ?? 0) > 0}>
        <span class="banner-more">{props.more} more</span>
      </Show>
    </div>
  );
}
