/** The explorer's tree joined to the file guard: folders are read when unfolded, and again when they change. */
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import {
  createFile,
  createFolder,
  list as listMethod,
  type Path,
  rename as renameMethod,
  restore as restoreMethod,
  trash as trashMethod,
} from "../../bus/contracts/file-guard.ts";
import type { Connection } from "../bus.ts";
import {
  EMPTY_TREE,
  type FileTree,
  ROOT,
  setFailed,
  setListed,
  setOpen,
} from "../state/file-tree.ts";
import { createFolderWatches } from "./folder-watches.ts";
import { messageOf } from "./settings-store.ts";
import type { ToastStore } from "./toast-store.ts";

/** How long a removal can be undone from its toast, milliseconds. */
const UNDO_MS = 10_000;

export interface FileStore {
  readonly tree: Accessor<FileTree>;
  /** Unfolds a folder and reads it, or folds it. `path` is what the guard knows it by. */
  toggle(key: string, path: Path): void;
  /** Reads a folder again. */
  refresh(key: string): Promise<void>;
  refreshAll(): void;
  /** Makes an empty file or a folder; says why where it cannot. Resolves to whether it was made. */
  make(what: "file" | "folder", path: Path): Promise<boolean>;
  /** Renames or moves, with the name a person reads. */
  rename(from: Path, to: Path, name: string): Promise<boolean>;
  /** To the trash, with Undo. */
  remove(path: Path, name: string): Promise<void>;
}

/** Lives in the calling reactive scope. */
export function createFileStore(connection: Connection, toasts: ToastStore): FileStore {
  const [tree, setTree] = createSignal<FileTree>(EMPTY_TREE);
  const paths = new Map<string, Path>([[ROOT, ""]]);
  const reading = new Map<string, "once" | "again">();

  async function refresh(key: string): Promise<void> {
    if (reading.has(key)) return void reading.set(key, "again");
    reading.set(key, "once");
    try {
      const listed = await connection.request(listMethod, { path: paths.get(key) ?? key });
      setTree((now) => (now.folders.has(key) ? setListed(now, key, listed) : now));
    } catch (error) {
      setTree((now) => (now.folders.has(key) ? setFailed(now, key, messageOf(error)) : now));
    }
    const isStale = reading.get(key) === "again";
    reading.delete(key);
    if (isStale) await refresh(key);
  }
  const watches = createFolderWatches(connection, (key) => void refresh(key));
  const refreshAll = (): void => {
    for (const key of tree().open) void refresh(key);
  };
  createEffect(
    on(connection.state, (state) => {
      if (state === "live") refreshAll();
    }),
  );
  createEffect(
    on(tree, ({ open }) =>
      watches.keep(new Map([...open].map((key) => [key, paths.get(key) ?? key]))),
    ),
  );
  onCleanup(() => watches.close());

  return {
    tree,
    refresh,
    refreshAll,
    toggle(key, path) {
      const isOpen = tree().open.has(key);
      paths.set(key, path);
      setTree((now) => setOpen(now, key, isOpen ? "folded" : "open"));
      if (!isOpen) void refresh(key);
    },
    ...fileActs(connection, toasts, refreshAll),
  };
}

/** Acts that change files; each tells a failure itself, and what changed is read again. */
function fileActs(
  connection: Connection,
  toasts: ToastStore,
  changed: () => void,
): Pick<FileStore, "make" | "rename" | "remove"> {
  async function attempt(failed: string, act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      changed();
      return true;
    } catch (error) {
      toasts.show({ tag: "files", level: "error", title: failed, text: messageOf(error) });
      return false;
    }
  }
  return {
    make: (what, path) =>
      attempt(`The ${what} was not made.`, () =>
        connection.request(what === "file" ? createFile : createFolder, { path }),
      ),
    rename: (from, to, name) =>
      attempt(`${name} was not renamed.`, () => connection.request(renameMethod, { from, to })),
    async remove(path, name) {
      let id = 0;
      const isDone = await attempt(`${name} was not deleted.`, async () => {
        ({ id } = await connection.request(trashMethod, { path }));
      });
      if (!isDone) return;
      const undo = (): void =>
        void attempt(`${name} was not brought back.`, () =>
          connection.request(restoreMethod, { id }),
        );
      toasts.show(
        {
          tag: `trash ${id}`,
          level: "info",
          title: `Moved ${name} to the trash`,
          text: "",
          actions: [{ label: "Undo", run: undo }],
        },
        UNDO_MS,
      );
    },
  };
}
