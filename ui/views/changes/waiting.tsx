/** What is said while git is awaited: nothing under 300 ms, a bar to 2 s, then words (ux.md section 4). */
import { createEffect, createSignal, type JSX, onCleanup, Show } from "solid-js";
import { useApp } from "../../app/app.ts";

const BAR_MS = 300;
const WORDS_MS = 2_000;
const ON_WHOM_MS = 10_000;
const TICK_MS = 250;

export function Waiting(): JSX.Element {
  const { changes } = useApp();
  const [waitedMs, setWaited] = createSignal(0);
  createEffect(() => {
    const sinceMs = changes.askedAtMs();
    setWaited(0);
    if (sinceMs === undefined) return;
    const timer = setInterval(() => setWaited(Date.now() - sinceMs), TICK_MS);
    onCleanup(() => clearInterval(timer));
  });
  const words = () =>
    waitedMs() < ON_WHOM_MS
      ? "Asking git what has changed"
      : `Waiting for git for ${Math.floor(waitedMs() / 1_000)} s; it is ended after 20 s`;
  const isKnown = () => changes.status() !== undefined || changes.failure() !== undefined;
  return (
    <>
      <Show when={waitedMs() >= BAR_MS && waitedMs() < WORDS_MS}>
        <div class="waiting-bar" />
      </Show>
      <Show when={waitedMs() >= WORDS_MS && (!isKnown() || waitedMs() >= ON_WHOM_MS)}>
        <p class="changes-sum" role="status">
          {words()}
        </p>
      </Show>
    </>
  );
}
