/** Pages of rows that are fetched when they come into view; those used longest ago go. */
import { createSignal, onCleanup } from "solid-js";

/** Pages kept. */
const PAGES_MAX = 40;

export interface PagesOptions {
  readonly pageRows: number;
  /** Rows as far as they are known. */
  readonly count: () => number;
  /** Texts of a page; fewer than `pageRows` at the end. */
  readonly fetch: (page: number) => Promise<readonly string[]>;
}

export interface Pages {
  /** Fetches the pages of these rows, if they are not there. */
  want(rows: readonly number[]): void;
  /** Empty until its page is there; why it is not, when it cannot be had. */
  textOf(row: number): string;
}

type Page = { readonly rows: readonly string[] } | { readonly says: string } | "coming";

/** Lives in the calling reactive scope. */
export function createPages({ pageRows, count, fetch }: PagesOptions): Pages {
  const [pages, setPages] = createSignal<ReadonlyMap<number, Page>>(new Map());
  let isOver = false;
  onCleanup(() => {
    isOver = true;
  });
  const put = (page: number, content: Page): void => {
    if (isOver) return;
    const next = new Map(pages());
    next.delete(page);
    next.set(page, content);
    for (const old of [...next.keys()].slice(0, Math.max(0, next.size - PAGES_MAX)))
      next.delete(old);
    setPages(next);
  };
  /** A page that was fetched when fewer rows were known. */
  const hasGrown = (known: Page, page: number): boolean => {
    if (known === "coming" || "says" in known) return false;
    return known.rows.length < Math.min(pageRows, count() - page * pageRows);
  };
  const wantPage = (page: number): void => {
    const known = pages().get(page);
    if (known !== undefined && !hasGrown(known, page)) return;
    put(page, "coming");
    fetch(page).then(
      (rows) => put(page, { rows }),
      (error: unknown) => put(page, { says: String(error) }),
    );
  };
  return {
    want(rows) {
      for (const page of new Set(rows.map((row) => Math.floor(row / pageRows)))) wantPage(page);
    },
    textOf(row) {
      const page = pages().get(Math.floor(row / pageRows));
      if (page === undefined || page === "coming") return "";
      return "says" in page ? page.says : (page.rows[row % pageRows] ?? "");
    },
  };
}
