/** The one dialog: 440 wide, buttons right. Esc cancels; Enter takes the default. */
import { createSignal, For, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { DialogButton, DialogRequest } from "../../app/dialog-store.ts";
import { Modal } from "./modal.tsx";

/** Lines shown; more are counted. */
const LINES_MAX = 12;

export function DialogLayer(): JSX.Element {
  const { dialog } = useApp();
  return (
    <Show when={dialog.current()} keyed>
      {(request) => <Dialog request={request} />}
    </Show>
  );
}

function Dialog(props: { request: DialogRequest }): JSX.Element {
  const { dialog } = useApp();
  const [checked, setChecked] = createSignal(false);
  const [text, setText] = createSignal(props.request.field?.value ?? "");
  const answer = (value: string) => dialog.answer({ value, checked: checked(), text: text() });
  return (
    <Modal
      titleId="dialog-title"
      testId="dialog"
      focusFirst="input:not([type=checkbox]), button.primary"
      onCancel={() => answer("cancel")}
    >
      <h2 id="dialog-title">{props.request.title}</h2>
      <DialogLines request={props.request} />
      <DialogField
        request={props.request}
        text={text()}
        setText={setText}
        onEnter={() => answer(defaultOf(props.request))}
      />
      <Show when={props.request.check}>
        <label class="dialog-check">
          <input type="checkbox" onChange={(event) => setChecked(event.currentTarget.checked)} />
          {props.request.check}
        </label>
      </Show>
      <DialogButtons buttons={props.request.buttons} answer={answer} />
    </Modal>
  );
}

function DialogLines(props: { request: DialogRequest }): JSX.Element {
  const shown = () => props.request.lines.slice(0, LINES_MAX);
  const rest = () => props.request.lines.length - shown().length;
  return (
    <>
      <For each={shown()}>{(line) => <p class="dialog-line">{line}</p>}</For>
      <Show when={rest() > 0}>
        <p class="dialog-line">and {rest()} more</p>
      </Show>
      <Show when={props.request.preview}>
        <pre class="dialog-preview" tabindex="0">
          {props.request.preview}
        </pre>
      </Show>
    </>
  );
}

function DialogField(props: {
  request: DialogRequest;
  text: string;
  setText: (text: string) => void;
  onEnter: () => void;
}): JSX.Element {
  return (
    <Show when={props.request.field}>
      {(field) => (
        <label class="dialog-field">
          {field().label}
          <input
            value={props.text}
            maxLength={200}
            onInput={(event) => props.setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.isComposing) props.onEnter();
            }}
          />
        </label>
      )}
    </Show>
  );
}

function DialogButtons(props: {
  buttons: readonly DialogButton[];
  answer: (value: string) => void;
}): JSX.Element {
  return (
    <div class="dialog-buttons">
      <For each={props.buttons}>
        {(button) => (
          <button
            type="button"
            classList={{ primary: button.isDefault === true }}
            data-testid={`dialog-${button.value}`}
            onClick={() => props.answer(button.value)}
          >
            {button.label}
          </button>
        )}
      </For>
    </div>
  );
}

function defaultOf(request: DialogRequest): string {
  return request.buttons.find(({ isDefault }) => isDefault === true)?.value ?? "cancel";
}
