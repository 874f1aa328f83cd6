/** Pages of the audit log, newest first, as far as a person has scrolled. */
import { type Accessor, batch, createEffect, createSignal, on, onCleanup } from "solid-js";
import {
  type AuditDecision,
  type AuditEntry,
  type AuditHead,
  audit,
  auditHead,
} from "../../../bus/contracts/file-guard.ts";
import { auditVerify } from "../../../bus/contracts/hub.ts";
import { messageOf } from "../../app/settings-store.ts";
import type { Connection } from "../../bus.ts";
import { verdictWords } from "../../state/audit-words.ts";

/** Entries of one page. */
const PAGE = 200;
/** Entries kept; older ones are found by a filter. */
const ENTRIES_MAX = 20_000;
/** Pages without an entry that are passed over before the reader is asked. */
const EMPTY_PAGES_MAX = 50;
/** A log that grows is read again so often at most, milliseconds. */
const AGAIN_MS = 500;

export interface AuditFilter {
  readonly principal: string;
  readonly decision: AuditDecision | "";
}

export interface AuditList {
  readonly entries: Accessor<readonly AuditEntry[]>;
  readonly head: Accessor<AuditHead | undefined>;
  readonly state: Accessor<"loading" | "ready" | "failed">;
  /** Why the last page could not be read; empty otherwise. */
  readonly problem: Accessor<string>;
  /** Whether older entries can be read. */
  readonly hasMore: Accessor<boolean>;
  /** Records written since the newest page was read. */
  readonly newer: Accessor<number>;
  readonly filter: Accessor<AuditFilter>;
  setFilter(filter: AuditFilter): void;
  /** Reads the newest page again. */
  reload(): void;
  /** Reads the next older page; does nothing while one is read. */
  more(): void;
  /** What a look through the whole log found; empty before one. */
  readonly verdict: Accessor<{ readonly words: string; readonly isWhole: boolean } | undefined>;
  readonly isVerifying: Accessor<boolean>;
  verify(): Promise<void>;
}

/** Lives in the calling reactive scope. `isAtTop`: the newest entries are in view, so that a growing log is followed. */
export function createAuditList(connection: Connection, isAtTop: Accessor<boolean>): AuditList {
  const [entries, setEntries] = createSignal<readonly AuditEntry[]>([]);
  const [head, setHead] = createSignal<AuditHead | undefined>(undefined);
  const [state, setState] = createSignal<"loading" | "ready" | "failed">("loading");
  const [problem, setProblem] = createSignal("");
  const [next, setNext] = createSignal<number | null>(null);
  const [readTo, setReadTo] = createSignal(0);
  const [filter, setFilter] = createSignal<AuditFilter>({ principal: "", decision: "" });
  let reads = 0;
  let isReading = false;

  function take(page: AuditPage, isNewest: boolean): void {
    setEntries(isNewest ? page.entries : [...entries(), ...page.entries]);
    setNext(page.next);
    // What was told meanwhile is newer than the page.
    if (page.head.count >= (head()?.count ?? 0)) setHead(page.head);
    if (isNewest) setReadTo(page.head.count);
    setProblem("");
    setState("ready");
  }
  async function read(before: number | undefined): Promise<void> {
    reads += 1;
    const mine = reads;
    isReading = true;
    if (entries().length === 0) setState("loading");
    const ifLast = (act: () => void): void => {
      if (mine !== reads) return;
      isReading = false;
      batch(act);
    };
    await readPage(connection, filter(), before).then(
      (page) => ifLast(() => take(page, before === undefined)),
      (error: unknown) =>
        ifLast(() => {
          setProblem(messageOf(error));
          setState("failed");
        }),
    );
  }
  const reload = (): void => void read(undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const follow = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (isAtTop() && head()?.count !== readTo()) reload();
    }, AGAIN_MS);
  };
  const subscription = connection.subscribe(auditHead, (told) => {
    setHead(told);
    follow();
  });
  createEffect(
    on(filter, () => {
      setEntries([]);
      reload();
    }),
  );
  onCleanup(() => {
    clearTimeout(timer);
    subscription.unsubscribe();
  });
  return {
    ...{ entries, head, state, problem, filter, setFilter, reload },
    hasMore: () => next() !== null && entries().length < ENTRIES_MAX,
    newer: () => Math.max(0, (head()?.count ?? 0) - readTo()),
    more() {
      const before = next();
      if (before !== null && !isReading && entries().length < ENTRIES_MAX) void read(before);
    },
    ...createVerdict(connection),
  };
}

interface AuditPage {
  readonly entries: AuditEntry[];
  readonly next: number | null;
  readonly head: AuditHead;
}

/** A page may hold nothing that fits while older ones do. */
async function readPage(
  connection: Connection,
  filter: AuditFilter,
  before: number | undefined,
): Promise<AuditPage> {
  let page = await askPage(connection, filter, before);
  for (let empty = 0; page.entries.length === 0 && empty < EMPTY_PAGES_MAX; empty += 1) {
    if (page.next === null) break;
    page = await askPage(connection, filter, page.next);
  }
  return page;
}

function askPage(
  connection: Connection,
  { principal, decision }: AuditFilter,
  before: number | undefined,
): Promise<AuditPage> {
  return connection.request(audit, {
    limit: PAGE,
    ...(before === undefined ? {} : { before }),
    ...(principal === "" ? {} : { principal }),
    ...(decision === "" ? {} : { decision }),
  });
}

function createVerdict(
  connection: Connection,
): Pick<AuditList, "verdict" | "isVerifying" | "verify"> {
  const [verdict, setVerdict] = createSignal<{ words: string; isWhole: boolean } | undefined>();
  const [isVerifying, setVerifying] = createSignal(false);
  return {
    verdict,
    isVerifying,
    async verify() {
      if (isVerifying()) return;
      setVerifying(true);
      try {
        const found = await connection.request(auditVerify, {});
        setVerdict({ words: verdictWords(found), isWhole: found.isWhole });
      } catch (error) {
        const words = `The log could not be looked through: ${messageOf(error)}`;
        setVerdict({ words, isWhole: false });
      }
      setVerifying(false);
    },
  };
}
