/** Lines under a terminal's screen: waiting, failed, held, not sent, ended. Exact words of ux.md. */
import { type JSX, Show } from "solid-js";
import type { Exit } from "../../../bus/contracts/terminal.ts";
import { useApp } from "../../app/app.ts";
import { counted, duration } from "../../state/words.ts";
import type { TerminalPane } from "../../terminal/terminal-pane.ts";
import type { PanelSession } from "./session-of-panel.ts";

/** Nothing is said before this, milliseconds. */
const SILENT_MS = 300;

export function Waiting(props: { pane: TerminalPane; link: PanelSession }): JSX.Element {
  const app = useApp();
  const waited = () =>
    app.processes.nowMs() - (props.link.startingSince() ?? app.processes.nowMs());
  return (
    <Show when={waited() >= SILENT_MS}>
      <div class="terminal-waiting" role="status">
        Starting the shell{waited() >= 10_000 ? ", waiting for the terminal process" : ""}
      </div>
    </Show>
  );
}

export function FailedStart(props: { link: PanelSession }): JSX.Element {
  const app = useApp();
  const choose = async () => {
    const { value, text } = await app.dialog.ask({
      title: "Choose a shell",
      lines: ["An absolute path, or a name looked up in PATH."],
      field: { label: "Shell", value: "/bin/sh" },
      buttons: [
        { value: "cancel", label: "Cancel" },
        { value: "use", label: "Use it", isDefault: true },
      ],
    });
    if (value === "use" && text.trim() !== "") props.link.again([text.trim()]);
  };
  return (
    <Show when={props.link.failure()}>
      {(failure) => (
        <div class="terminal-strip terminal-strip-error" role="alert" data-testid="terminal-failed">
          <span>{failure().says}</span>
          <Show
            when={failure().isShell}
            fallback={<StripButton label="Try again" run={() => props.link.again()} />}
          >
            <StripButton label="Use bash" run={() => props.link.again(["bash"])} />
            <StripButton label="Choose a shell" run={() => void choose()} />
          </Show>
        </div>
      )}
    </Show>
  );
}

/** Lies over the screen: it comes and goes while a program is slow, and a strip would cost that program rows. */
export function Held(props: { pane: TerminalPane }): JSX.Element {
  const held = () => props.pane.standing().heldBytes;
  return (
    <Show when={held() > 0}>
      <div class="terminal-held" role="status" data-testid="terminal-held">
        Held: {counted(held(), "byte")} not taken yet
      </div>
    </Show>
  );
}

export function NotSentStrip(props: { pane: TerminalPane }): JSX.Element {
  const keys = () => props.pane.standing().asideKeys;
  return (
    <Show when={keys() > 0}>
      <div class="terminal-strip terminal-strip-warn" role="status" data-testid="terminal-not-sent">
        <span>
          {props.pane.standing().isAsideCertain ? "Not sent" : "Perhaps not sent"}:{" "}
          {counted(keys(), "key")} typed while the terminal was away.
        </span>
        <StripButton label="Send" run={() => decided(props.pane, () => props.pane.sendAside())} />
        <StripButton
          label="Discard"
          run={() => decided(props.pane, () => props.pane.discardAside())}
        />
      </div>
    </Show>
  );
}

/** The button that had the focus goes with its strip. */
function decided(pane: TerminalPane, act: () => void): void {
  act();
  pane.terminal.focus();
}

export function EndedStrip(props: {
  pane: TerminalPane;
  link: PanelSession;
  onClose: () => void;
}): JSX.Element {
  const words = () => {
    const state = props.pane.state();
    if (state.kind === "gone") return "This shell is gone.";
    return state.kind === "ended" ? endedWords(state.exit) : undefined;
  };
  return (
    <Show when={words()}>
      {(says) => (
        <div class="terminal-strip" role="status" data-testid="terminal-ended">
          <span>{says()}</span>
          <StripButton label="Enter: start again" run={() => props.link.again()} />
          <StripButton label="Ctrl+Shift+W: close" run={() => props.onClose()} />
        </div>
      )}
    </Show>
  );
}

/** "Ended with code 1 after 3 s." */
export function endedWords(exit: Exit | undefined): string {
  if (exit === undefined) return "Ended.";
  const how = exit.signal === null ? `with code ${exit.code ?? 0}` : `by ${exit.signal}`;
  return `Ended ${how} after ${duration(exit.ranMs)}.`;
}

function StripButton(props: { label: string; run: () => void }): JSX.Element {
  return (
    <button type="button" class="link" onClick={() => props.run()}>
      {props.label}
    </button>
  );
}
