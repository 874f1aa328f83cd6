/** A picture, as the page can draw it, with its size in pixels and bytes. */
import type { DockviewPanelApi } from "dockview-core";
import { createResource, createSignal, type JSX, Match, onCleanup, Show, Switch } from "solid-js";
import { content } from "../../../bus/contracts/file-guard.ts";
import { type App, useApp } from "../../app/app.ts";
import { messageOf } from "../../app/settings-store.ts";
import { baseName, size } from "../../state/words.ts";
import { plainHandle } from "./plain-handle.ts";

/** Bytes of the largest picture that is shown. */
const BYTES_MAX = 64 * 1024 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  ico: "image/x-icon",
  svg: "image/svg+xml",
};

/** Whether a page can draw files of this name. */
export function isImage(path: string): boolean {
  return typeOf(path) !== undefined;
}

/** Whether it is a picture and a text. */
export function isTextImage(path: string): boolean {
  return typeOf(path) === TYPES["svg"];
}

export function ImagePane(props: {
  path: string;
  api: DockviewPanelApi;
  /** Shows it as text instead; undefined: it is none. */
  onText: (() => void) | undefined;
}): JSX.Element {
  const app = useApp();
  const [blob] = createResource(() => readImage(app, props.path));
  const [pixels, setPixels] = createSignal("");
  let pane: HTMLElement | undefined;
  const handle = plainHandle({
    app,
    path: props.path,
    focus: () => pane?.focus(),
    reveal: () => undefined,
    format: () => "picture",
  });
  app.dock()?.offerEditor(props.api.id, handle);
  onCleanup(() => app.dock()?.withdrawEditor(props.api.id));
  return (
    <section
      class="editor-image inset"
      tabindex="0"
      aria-label={`Picture ${baseName(props.path)}`}
      data-testid="editor-image"
      ref={(made) => {
        pane = made;
      }}
    >
      <Switch>
        <Match when={blob.error !== undefined}>
          <p class="editor-note" role="alert">
            {baseName(props.path)} cannot be shown: {messageOf(blob.error)}
          </p>
        </Match>
        <Match when={blob()}>
          {(made) => (
            <>
              <p class="editor-note" role="status">
                {pixels()} {size(made().size)}
                <Show when={props.onText}>
                  {(show) => (
                    <button type="button" class="link" onClick={() => show()()}>
                      Edit as text
                    </button>
                  )}
                </Show>
              </p>
              <Picture blob={made()} name={baseName(props.path)} onSize={setPixels} />
            </>
          )}
        </Match>
      </Switch>
    </section>
  );
}

function Picture(props: {
  blob: Blob;
  name: string;
  onSize: (words: string) => void;
}): JSX.Element {
  const url = URL.createObjectURL(props.blob);
  onCleanup(() => URL.revokeObjectURL(url));
  return (
    <div class="editor-image-ground">
      <img
        src={url}
        alt={props.name}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
          props.onSize(`${naturalWidth} x ${naturalHeight} pixels,`)
        }
        onError={() => props.onSize("It cannot be drawn: the file is damaged or of another kind.")}
      />
    </div>
  );
}

async function readImage(app: App, path: string): Promise<Blob> {
  const stream = await app.connection.open(content, { path });
  stream.end();
  const { stat } = stream.accepted;
  if (stat.size > BYTES_MAX) {
    stream.reset({ code: "bus/cancelled", message: "too large" });
    throw new Error(`it has ${size(stat.size)}, at most ${size(BYTES_MAX)} are shown.`);
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of stream) parts.push(new Uint8Array(chunk));
  await stream.done;
  const type = typeOf(path);
  return new Blob(parts, type === undefined ? {} : { type });
}

function typeOf(path: string): string | undefined {
  return TYPES[/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ""];
}
