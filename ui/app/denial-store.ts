/** Files that a rule closes: the card that says so, and what the person has opened for a while. */
import { type Accessor, createEffect, createSignal, onCleanup } from "solid-js";
import * as v from "valibot";
import {
  check,
  Denial,
  grant as grantMethod,
  grants as grantsTopic,
  type Path,
  takeBack,
} from "../../bus/contracts/file-guard.ts";
import { isBusError } from "../../bus/errors.ts";
import type { Connection } from "../bus.ts";
import { messageOf } from "./settings-store.ts";
import type { ToastStore } from "./toast-store.ts";

/** A file that is open to the person, wall time. */
export interface OpenGrant {
  /** As it was resolved. */
  readonly path: string;
  readonly untilMs: number;
}

/** A card that is shown. */
export interface ShownDenial {
  readonly denial: Denial;
  /** The view in which the person asked: `in the explorer`. */
  readonly where: string;
  /** What was wanted, once it is open. */
  readonly then: (() => void) | undefined;
}

export interface DenialStore {
  readonly current: Accessor<ShownDenial | undefined>;
  readonly grants: Accessor<readonly OpenGrant[]>;
  show(shown: ShownDenial): void;
  close(): void;
  /** Asks why a file is closed, and shows it. Does `then` when it is not closed any more. */
  explain(path: Path, where: string, then?: () => void): void;
  /** Opens a guarded file for 10 minutes. Resolves to whether it is open; a failure is told. */
  open(path: Path): Promise<boolean>;
  /** Ends it before its time. */
  end(path: string): void;
}

/** Lives in the calling reactive scope. `changed` is called when other files are open than before. */
export function createDenialStore(
  connection: Connection,
  toasts: ToastStore,
  changed: () => void,
): DenialStore {
  const [current, setCurrent] = createSignal<ShownDenial | undefined>(undefined);
  const [grants, setGrants] = createSignal<readonly OpenGrant[]>([]);
  const subscription = connection.subscribe(grantsTopic, (value) => setGrants(value.grants));
  onCleanup(() => subscription.unsubscribe());
  let known = "";
  createEffect(() => {
    const paths = grants()
      .map(({ path }) => path)
      .join("\0");
    if (paths === known) return;
    known = paths;
    changed();
  });
  const failed = (title: string) => (error: unknown) =>
    toasts.show({ tag: "grant", level: "error", title, text: messageOf(error) });
  return {
    current,
    grants,
    show: setCurrent,
    close: () => setCurrent(undefined),
    explain(path, where, then) {
      connection.request(check, { path, op: "read" }).then(({ denial }) => {
        if (denial !== null) setCurrent({ denial, where, then });
        else then?.();
      }, failed("It cannot be said why this is closed."));
    },
    async open(path) {
      try {
        await connection.request(grantMethod, { path });
        return true;
      } catch (error) {
        failed("It stays closed.")(error);
        return false;
      }
    },
    end(path) {
      connection.request(takeBack, { path }).catch(failed("It is still open."));
    },
  };
}

/** The denial in what was thrown, if that is what it is. */
export function denialIn(error: unknown): Denial | undefined {
  if (!isBusError(error, "file-guard/denied")) return undefined;
  const result = v.safeParse(Denial, error.data);
  return result.success ? result.output : undefined;
}
