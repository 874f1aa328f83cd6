/** Solid components inside dockview's panels and tabs, in the reactive scope of the dock. */
import type {
  DockviewPanelApi,
  GroupPanelPartInitParameters,
  IContentRenderer,
  ITabRenderer,
  PanelUpdateEvent,
} from "dockview-core";
import { type Accessor, createRoot, createSignal, type JSX, type Owner } from "solid-js";
import { insert } from "solid-js/web";
import type { PanelParams } from "../../app/dock.ts";
import { readPanelParams } from "./panel-params.ts";

/** What a panel's or a tab's component gets. */
export interface PanelProps {
  readonly api: DockviewPanelApi;
  readonly params: Accessor<PanelParams>;
}

export type PanelComponent = (props: PanelProps) => JSX.Element;

/** One panel or tab. dockview disposes it. */
export class SolidPanel implements IContentRenderer, ITabRenderer {
  readonly element = document.createElement("div");
  readonly #component: PanelComponent;
  readonly #owner: Owner | null;
  readonly #params: Accessor<PanelParams>;
  readonly #setParams: (params: PanelParams) => void;
  #dispose: () => void = () => undefined;

  constructor(component: PanelComponent, className: string, owner: Owner | null) {
    this.#component = component;
    this.#owner = owner;
    this.element.className = className;
    const [params, setParams] = createSignal<PanelParams>({});
    this.#params = params;
    this.#setParams = (next) => void setParams(next);
  }

  init({ api, params }: GroupPanelPartInitParameters): void {
    this.#setParams(readPanelParams(params));
    this.#dispose = createRoot((dispose) => {
      insert(this.element, this.#component({ api, params: this.#params }));
      return dispose;
    }, this.#owner);
  }

  update({ params }: PanelUpdateEvent): void {
    this.#setParams(readPanelParams(params));
  }

  dispose(): void {
    this.#dispose();
  }
}
