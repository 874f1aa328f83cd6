/** The banner of a view that stands on a process: stopped, paused, not answering. */
import { type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { editInTerminal } from "../../app/edit-in-terminal.ts";
import { type Banner as BannerFacts, processBanner } from "../../state/banners.ts";
import { wantProcess } from "../debug/wanted-process.ts";
import { Banner, type BannerAct } from "./banner.tsx";

export function ProcessBanner(props: { process: string }): JSX.Element {
  const app = useApp();
  const banner = () => processBanner(app.processes.row(props.process), app.processes.nowMs());
  const details = () => {
    wantProcess(props.process);
    app.layout.setBottom({ open: true });
  };
  const runs: Readonly<Record<BannerFacts["acts"][number], BannerAct>> = {
    retry: { label: "Try again", run: () => void app.processes.act(props.process, "retry") },
    resume: { label: "Resume", run: () => void app.processes.act(props.process, "resume") },
    "try-now": { label: "Try now", run: () => app.connection.tryNow() },
    details: { label: "Details", run: details },
    // Files are closed to our editor as well then.
    "open-policy": {
      label: "Open policy.json",
      run: () => {
        const file = banner()?.file;
        if (file !== undefined) void editInTerminal(app, file.path, file.line);
      },
    },
  };
  return (
    <Show when={banner()}>
      {(facts) => (
        <Banner
          banner={facts()}
          acts={facts().acts.map((act) => runs[act])}
          testid={`banner-${props.process}`}
        />
      )}
    </Show>
  );
}
