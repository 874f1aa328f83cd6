/** The banner of a view that stands on a process: stopped, paused, not answering. */
import { type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { type Banner as BannerFacts, processBanner } from "../../state/banners.ts";
import { Banner, type BannerAct } from "./banner.tsx";

export function ProcessBanner(props: { process: string }): JSX.Element {
  const app = useApp();
  const banner = () => processBanner(app.processes.row(props.process), app.processes.nowMs());
  const acts = (facts: BannerFacts): BannerAct[] =>
    facts.acts.map((act) => {
      switch (act) {
        case "retry":
          return { label: "Try again", run: () => void app.processes.act(props.process, "retry") };
        case "resume":
          return { label: "Resume", run: () => void app.processes.act(props.process, "resume") };
        case "try-now":
          return { label: "Try now", run: () => app.connection.tryNow() };
        case "details":
          return { label: "Details", run: () => app.layout.setBottom({ open: true }) };
      }
    });
  return (
    <Show when={banner()}>
      {(facts) => (
        <Banner banner={facts()} acts={acts(facts())} testid={`banner-${props.process}`} />
      )}
    </Show>
  );
}
