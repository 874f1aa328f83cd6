/** What the rest of the page knows of editors: recent files, what each view looked at, and which files are not saved. */
import { type Accessor, createSignal } from "solid-js";
import { documents, type Summary } from "../../bus/contracts/editor-sync.ts";
import { info, stateGet, statePut } from "../../bus/contracts/hub.ts";
import type { Connection } from "../bus.ts";
import {
  type KeptEditors,
  NO_EDITORS,
  readKeptEditors,
  type ViewState,
  withRecent,
  withView,
} from "../state/editor-views.ts";

const KEY = "editors";
/** Changes within this time become one write, milliseconds. */
const SAVE_SETTLE_MS = 500;

/** Edits and their bytes on the wire. */
export interface EditMeter {
  readonly edits: number;
  readonly bytes: number;
}

export interface EditorStore {
  /** Absolute paths, newest first. */
  readonly recent: Accessor<readonly string[]>;
  noteOpened(path: string): void;
  /** What a view of an earlier page looked at. */
  viewOf(panel: string): Promise<ViewState | undefined>;
  keepView(panel: string, state: ViewState): void;
  /** Whether a file has edits that are not on disk. */
  isDirty(path: string): boolean;
  /** What this page knows at once, before the actor says it. Undefined: nothing of its own. */
  setDirty(path: string, isDirty: boolean | undefined): void;
  /** What the edits of this page have cost on the way to the authority and back, all files together. */
  readonly edits: Accessor<EditMeter>;
  countEdits(edits: number, bytes: number): void;
  /** Documents with something a person has to settle. */
  readonly needy: Accessor<readonly Summary[]>;
  /** Folder of the workspace and of the person, absolute. */
  places(): Promise<{ readonly workspace: string; readonly home: string }>;
}

/** Lives as long as the page. */
export function createEditorStore(connection: Connection): EditorStore {
  const [kept, setKept] = createSignal<KeptEditors>(NO_EDITORS);
  const [summaries, setSummaries] = createSignal<readonly Summary[]>([]);
  const [own, setOwn] = createSignal<ReadonlyMap<string, boolean>>(new Map());
  const [edits, setEdits] = createSignal<EditMeter>({ edits: 0, bytes: 0 });
  let loading: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let known: ReturnType<EditorStore["places"]> | undefined;
  connection.subscribe(documents, (value) => setSummaries(value.documents), { policy: "conflate" });

  const load = (): Promise<void> => {
    loading ??= connection.request(stateGet, { key: KEY }).then(
      ({ value }) => {
        const stored = readKeptEditors(value);
        const recent = kept().recent.reduceRight(withRecent, stored).recent;
        setKept((now) => ({ ...stored, recent, views: { ...stored.views, ...now.views } }));
      },
      () => {
        loading = undefined;
      },
    );
    return loading;
  };
  const change = (next: (now: KeptEditors) => KeptEditors): void => {
    setKept(next);
    clearTimeout(timer);
    timer = setTimeout(() => {
      // What was stored and not read yet must not be written over.
      void load().then(() =>
        connection.request(statePut, { key: KEY, value: kept() }).catch(() => undefined),
      );
    }, SAVE_SETTLE_MS);
  };
  void load();
  return {
    recent: () => kept().recent,
    noteOpened: (path) => change((now) => withRecent(now, path)),
    async viewOf(panel) {
      await load();
      return kept().views[panel];
    },
    keepView: (panel, state) => change((now) => withView(now, panel, state)),
    isDirty: (path) =>
      own().get(path) ?? summaries().some((one) => one.path === path && one.isDirty),
    setDirty(path, isDirty) {
      if (own().get(path) === isDirty) return;
      const next = new Map(own());
      if (isDirty === undefined) next.delete(path);
      else next.set(path, isDirty);
      setOwn(next);
    },
    edits,
    countEdits: (count, bytes) =>
      void setEdits((now) => ({ edits: now.edits + count, bytes: now.bytes + bytes })),
    needy: () => summaries().filter((one) => one.conflicts > 0 || one.proposals > 0),
    places() {
      known ??= connection.request(info, {}).then(
        ({ workspace, home }) => ({ workspace, home }),
        (error: unknown) => {
          known = undefined;
          throw error;
        },
      );
      return known;
    },
  };
}
