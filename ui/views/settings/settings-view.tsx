/** Settings of this version. Every change takes effect at once and is written to settings.json. */
import { For, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import {
  FONT_SIZE_MAX,
  FONT_SIZE_MIN,
  SCROLLBACK_MAX,
  type Settings,
} from "../../state/settings.ts";
import "./settings-view.css";

const THEMES = [
  { value: "system", label: "As the desktop" },
  { value: "dark", label: "Dark" },
  { value: "light", label: "Light" },
  { value: "contrast", label: "High contrast" },
] as const;
const BACKENDS = [
  { value: "keeper", label: "Keeper (shells survive)" },
  { value: "node-pty", label: "node-pty (shells end with the process)" },
] as const;

const AUTOSAVES = [
  { value: "off", label: "Off" },
  { value: "focus-loss", label: "When the focus leaves" },
] as const;

export function SettingsView(): JSX.Element {
  const { settings } = useApp();
  return (
    <div class="settings" data-testid="settings">
      <h2>Settings</h2>
      <h3>Window</h3>
      <Choice label="Theme" name="theme" options={THEMES} />
      <Toggle label="No motion" name="reducedMotion" says="Menus and toasts appear at once." />
      <Toggle
        label="Keep running on close"
        name="keepOnClose"
        says="Closing the window never asks; programs go on."
      />
      <h3>Terminal</h3>
      <Figure label="Font size" name="fontSize" min={FONT_SIZE_MIN} max={FONT_SIZE_MAX} unit="px" />
      <Figure label="Scrollback" name="scrollback" min={0} max={SCROLLBACK_MAX} unit="lines" />
      <Toggle
        label="Shell integration"
        name="shellIntegration"
        says="For bash, zsh and fish. New shells only."
      />
      <Choice label="Backend" name="backend" options={BACKENDS} />
      <h3>Editor</h3>
      <Choice label="Autosave" name="autosave" options={AUTOSAVES} />
      <Toggle label="Wrap long lines" name="wrap" says="They go on in the next row." />
      <Toggle
        label="Vim's keys"
        name="vim"
        says="Keys that this window uses in editors go to Vim."
      />
      <h3>Files</h3>
      <Show
        when={settings.files().length > 0}
        fallback={<p class="settings-says">The hub has not told them yet.</p>}
      >
        <ul class="settings-files">
          <For each={settings.files()}>{(file) => <li>{file}</li>}</For>
        </ul>
      </Show>
      <For each={settings.problems()}>{(problem) => <p class="settings-problem">{problem}</p>}</For>
    </div>
  );
}

function Choice<K extends "theme" | "backend" | "autosave">(props: {
  label: string;
  name: K;
  options: ReadonlyArray<{ readonly value: Settings[K]; readonly label: string }>;
}): JSX.Element {
  const { settings } = useApp();
  const pick = (value: string) => {
    const option = props.options.find((known) => known.value === value);
    if (option !== undefined) settings.put(props.name, option.value);
  };
  return (
    <label class="settings-row">
      <span>{props.label}</span>
      <select
        data-testid={`setting-${props.name}`}
        value={settings.values()[props.name]}
        onChange={(event) => pick(event.currentTarget.value)}
      >
        <For each={props.options}>
          {(option) => <option value={option.value}>{option.label}</option>}
        </For>
      </select>
    </label>
  );
}

function Toggle(props: {
  label: string;
  name: "reducedMotion" | "keepOnClose" | "shellIntegration" | "wrap" | "vim";
  says: string;
}): JSX.Element {
  const { settings } = useApp();
  return (
    <label class="settings-row">
      <span>{props.label}</span>
      <input
        type="checkbox"
        data-testid={`setting-${props.name}`}
        checked={settings.values()[props.name]}
        onChange={(event) => settings.put(props.name, event.currentTarget.checked)}
      />
      <span class="settings-says">{props.says}</span>
    </label>
  );
}

function Figure(props: {
  label: string;
  name: "fontSize" | "scrollback";
  min: number;
  max: number;
  unit: string;
}): JSX.Element {
  const { settings } = useApp();
  const take = (text: string) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= props.min && value <= props.max)
      settings.put(props.name, value);
  };
  return (
    <label class="settings-row">
      <span>{props.label}</span>
      <input
        type="number"
        min={props.min}
        max={props.max}
        data-testid={`setting-${props.name}`}
        value={settings.values()[props.name]}
        onChange={(event) => take(event.currentTarget.value)}
      />
      <span class="settings-says">
        {props.unit}, {props.min} to {props.max}
      </span>
    </label>
  );
}
