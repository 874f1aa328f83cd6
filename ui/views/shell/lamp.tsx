/** The shape of a process's state, 12 px. Colour never stands alone: the word is beside it or in the tooltip. */
import { type JSX, Match, Switch } from "solid-js";
import type { ProcessState } from "../../../bus/contracts/hub.ts";
import { LAMPS } from "../../state/lamp.ts";
import "./lamp.css";

export function Lamp(props: { state: ProcessState }): JSX.Element {
  const look = () => LAMPS[props.state];
  return (
    <svg
      class={`lamp lamp-${look().tone}`}
      classList={{ "lamp-busy": props.state === "starting" }}
      viewBox="0 0 12 12"
      aria-hidden="true"
    >
      <Switch>
        <Match when={look().shape === "ring"}>
          <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" stroke-width="1.5" />
        </Match>
        <Match when={look().shape === "half"}>
          <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" stroke-width="1.5" />
          <path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" />
        </Match>
        <Match when={look().shape === "disc"}>
          <circle cx="6" cy="6" r="4.5" fill="currentColor" />
        </Match>
        <Match when={look().shape === "triangle"}>
          <path d="M6 1 11.5 11H.5z" fill="currentColor" />
        </Match>
        <Match when={look().shape === "bars"}>
          <path d="M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z" fill="currentColor" />
        </Match>
        <Match when={look().shape === "snowflake"}>
          <path
            d="M6 .5v11M1.2 3.2l9.6 5.6M10.8 3.2 1.2 8.8"
            stroke="currentColor"
            stroke-width="1.5"
          />
        </Match>
        <Match when={look().shape === "arrow"}>
          <path
            d="M10 6a4 4 0 1 1-1.2-2.85M9.5.8v3H6.5"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
          />
        </Match>
        <Match when={look().shape === "square"}>
          <path d="M1.5 1.5h9v9h-9z" fill="currentColor" />
        </Match>
      </Switch>
    </svg>
  );
}
