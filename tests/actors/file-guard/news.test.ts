/** Changes that are told one after the other: none is forgotten. */
import { expect, it } from "vitest";
import { News } from "../../../actors/file-guard/news.ts";

const change = (...names: string[]) => ({ names, isAnything: false, isGone: false });

it("gives what has come, together, and then waits for more", async () => {
  const news = new News();
  news.add(change("a"));
  news.add(change("b", "a"));
  expect(await news.next()).toEqual(change("a", "b"));
  const next = news.next();
  news.add({ ...change("c"), isGone: true });
  expect(await next).toEqual({ names: ["c"], isAnything: false, isGone: true });
});

it("tells more names than it keeps as anything", async () => {
  const news = new News();
  news.add(change(...Array.from({ length: 1000 }, (_, index) => `n${index}`)));
  news.add(change("n1"));
  expect((await news.next()).isAnything).toBe(false);
  news.add(change(...Array.from({ length: 1001 }, (_, index) => `n${index}`)));
  const { names, isAnything } = await news.next();
  expect([names.length, isAnything]).toEqual([1000, true]);
});
