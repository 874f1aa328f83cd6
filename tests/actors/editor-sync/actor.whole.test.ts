/** The editor-sync actor as a process of its own, under its profile, with the real file guard beside it. */
import {
  chmodSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EditorSyncCode } from "../../../bus/contracts/editor-document.ts";
import * as contract from "../../../bus/contracts/editor-sync.ts";
import { grant } from "../../../bus/contracts/file-guard.ts";
import { eventually } from "../../system/hub-harness.ts";
import { PageView } from "./page.ts";
import { type EditorHub, openEditorHub } from "./real-hub.ts";

let hub: EditorHub;
let count = 0;
beforeAll(async () => {
  hub = await openEditorHub();
});
afterAll(() => hub.close());

async function view(name: string): Promise<PageView> {
  return PageView.open(hub.peer, { path: name, client: `client-${++count}` });
}

const save = (document: string, mayCreate = false) =>
  hub.peer.request(contract.save, { document, mayCreate });

describe("a document", () => {
  test("is edited by two views, saved byte for byte, and its own save is no news", async () => {
    hub.write("two.txt", "\ufeffone\r\ntwo\nthree\r\n");
    chmodSync(hub.path("two.txt"), 0o755);
    const [one, other] = [await view("two.txt"), await view("two.txt")];
    expect(one.facts.format).toEqual({ encoding: "utf-8", bom: true, eol: "\r\n", mixedEol: true });
    one.edit(3, 3, "!");
    other.edit(8, 8, "more\n");
    await one.acknowledged();
    await other.acknowledged();
    await one.until(() => one.text === other.text, "one text");
    expect(one.text).toBe("one!\ntwo\nmore\nthree\n");
    await one.until(() => one.state.isDirty, "dirty");
    const { bytes } = await save(one.facts.document);
    expect(hub.read("two.txt")).toBe("\ufeffone!\r\ntwo\nmore\r\nthree\r\n");
    expect(bytes).toBe(statSync(hub.path("two.txt")).size);
    expect(statSync(hub.path("two.txt")).mode & 0o777).toBe(0o755);
    await one.until(() => !one.state.isDirty, "clean");
    expect(await hub.peer.request(contract.rescan, {})).toEqual({ changed: 0 });
    expect([...one.lines, ...other.lines].filter((line) => "merged" in line)).toEqual([]);
    one.close(true);
    other.close(true);
  });

  test("takes a change on disk into a clean and into a dirty text, and saves both", async () => {
    hub.write("disk.txt", "a\nb\nc\nd\ne\n");
    const one = await view("disk.txt");
    hub.write("disk.txt", "a\nb\nc\nd\nE!\n");
    await one.until(() => one.text.endsWith("E!\n"), "the change");
    expect(one.state.isDirty).toBe(false);
    one.edit(0, 1, "A!");
    await one.acknowledged();
    hub.write("disk.txt", "a\nb\nc\nDD\nE!\n");
    await one.until(() => one.text === "A!\nb\nc\nDD\nE!\n", "both");
    await save(one.facts.document);
    expect(hub.read("disk.txt")).toBe("A!\nb\nc\nDD\nE!\n");
    one.close(true);
  });

  test("keeps both sides of a conflict, is not saved while it is open, and takes either", async () => {
    hub.write("clash.txt", "a\nb\nc\n");
    const one = await view("clash.txt");
    one.edit(2, 3, "mine");
    await one.acknowledged();
    hub.write("clash.txt", "a\nyours\nc\n");
    const last = () =>
      one.lines.findLast((line) => "conflicts" in line) as
        | { conflicts: { id: number; theirs: string }[] }
        | undefined;
    await one.until(() => (last()?.conflicts.length ?? 0) > 0, "a conflict");
    expect(last()?.conflicts).toMatchObject([{ from: 2, to: 7, theirs: "yours\n", base: "b\n" }]);
    const refused = { code: EditorSyncCode.conflicts };
    await expect(save(one.facts.document)).rejects.toMatchObject(refused);
    const input = { document: one.facts.document, conflict: "all", take: "both" } as const;
    expect(await hub.peer.request(contract.resolve, input)).toMatchObject({ left: 0 });
    await save(one.facts.document);
    expect(hub.read("clash.txt")).toBe("a\nmine\nyours\nc\n");
    one.close(true);
  });

  test("is never saved over a change nobody saw: it is merged, and told", async () => {
    hub.write("unseen.txt", "a\nb\nc\nd\n");
    const one = await view("unseen.txt");
    one.edit(0, 1, "mine");
    await one.acknowledged();
    hub.write("unseen.txt", "a\nb\nc\nyours\n");
    const refused = { code: EditorSyncCode.changed };
    await expect(save(one.facts.document)).rejects.toMatchObject(refused);
    expect(hub.read("unseen.txt")).toBe("a\nb\nc\nyours\n");
    await save(one.facts.document);
    expect(hub.read("unseen.txt")).toBe("mine\nb\nc\nyours\n");
    one.close(true);
  });

  test("knows that its file was deleted, made again, renamed", async () => {
    hub.write("life.txt", "text\n");
    chmodSync(hub.path("life.txt"), 0o750);
    const one = await view("life.txt");
    rmSync(hub.path("life.txt"));
    await one.until(() => one.state.disk === "deleted", "deleted");
    await expect(save(one.facts.document)).rejects.toMatchObject({ code: EditorSyncCode.deleted });
    await save(one.facts.document, true);
    expect(hub.read("life.txt")).toBe("text\n");
    expect(statSync(hub.path("life.txt")).mode & 0o7777).toBe(0o750);
    await one.until(() => one.state.disk === "same", "there again");
    renameSync(hub.path("life.txt"), hub.path("other-life.txt"));
    await one.until(() => one.state.path === hub.path("other-life.txt"), "renamed");
    one.edit(0, 0, "new ");
    await one.acknowledged();
    await save(one.facts.document);
    expect(hub.read("other-life.txt")).toBe("new text\n");
    one.close(true);
  });

  test("of a closed file is refused with the denial, through any name", async () => {
    symlinkSync(hub.path(".env"), hub.path("innocent.txt"));
    for (const name of [".env", "innocent.txt", "second.txt"]) {
      await expect(view(name)).rejects.toMatchObject({
        code: "file-guard/denied",
        data: expect.objectContaining({ level: expect.any(String), rule: expect.any(String) }),
      });
    }
  });

  test("opened by a grant is never written down", async () => {
    rmSync(hub.path("second.txt"));
    await hub.peer.request(grant, { path: ".env" });
    const one = await view(".env");
    expect(one.state.journal).toBe("none");
    one.edit(0, 0, "MORE=1\n");
    await one.acknowledged();
    await save(one.facts.document);
    expect(hub.read(".env")).toContain("MORE=1\n");
    const journals = join(hub.stateDir, "actors/editor-sync/journals");
    expect(readdirSync(journals).join()).not.toContain(one.facts.document);
    one.close(true);
  });

  test.each([
    ["binary.bin", Uint8Array.of(1, 0, 2), "binary"],
    ["latin.txt", Uint8Array.of(0x63, 0xe9, 0x0a), "encoding"],
  ])("%s is read only, with the reason", async (name, bytes, code) => {
    hub.write(name, bytes);
    const one = await view(name);
    expect(one.facts).toMatchObject({ access: "read", why: { code } });
    await expect(save(one.facts.document)).rejects.toMatchObject({ code: EditorSyncCode.readOnly });
    one.close(true);
  });
});

describe("killed", () => {
  test("it comes back at the same version, and views go on without a snapshot", async () => {
    hub.write("kill.txt", "start\n");
    const one = await view("kill.txt");
    one.edit(0, 0, "first ");
    await one.acknowledged();
    await hub.kill("editor-sync");
    one.edit(0, 0, "while away ");
    await one.resume(hub.peer);
    expect(one.isResumed).toBe(true);
    await one.acknowledged();
    expect(one.facts.isRestored).toBe(true);
    const other = await view("kill.txt");
    expect(other.text).toBe("while away first start\n");
    expect(other.text).toBe(one.text);
    await save(one.facts.document);
    expect(hub.read("kill.txt")).toBe(one.text);
    one.close(true);
    other.close(true);
  });

  test("again and again while somebody types, it has every edit that was acknowledged, once", async () => {
    hub.write("many.txt", "");
    const one = await view("many.txt");
    let typed = "";
    for (let round = 0; round < 5; round++) {
      for (let key = 0; key < 40; key++) {
        const letter = String.fromCharCode(97 + ((round * 40 + key) % 26));
        one.edit(typed.length, typed.length, letter);
        typed += letter;
        if (key % 7 === 0) await new Promise((wake) => setImmediate(wake));
      }
      const acknowledged = one.collab?.confirmed.toString() ?? "";
      await hub.kill("editor-sync");
      // What was acknowledged before the kill is there before the page says a word.
      expect((await view("many.txt")).text.startsWith(acknowledged)).toBe(true);
      await one.resume(hub.peer);
      await one.acknowledged();
      expect((await view("many.txt")).text).toBe(typed);
    }
    await save(one.facts.document);
    expect(hub.read("many.txt")).toBe(typed);
  });

  test("with the disk changed meanwhile, unsaved edits are merged into it", async () => {
    hub.write("away.txt", "a\nb\nc\n");
    const one = await view("away.txt");
    one.edit(0, 1, "mine");
    await one.acknowledged();
    one.close(false);
    await hub.kill("editor-sync");
    hub.write("away.txt", "a\nb\nyours\n");
    const kept = await eventually("listed", async () => {
      const { documents } = await hub.peer.request(contract.list, {});
      return documents.find(({ path }) => path === hub.path("away.txt"));
    });
    expect(kept).toMatchObject({ isDirty: true, isRestored: true, clients: 0 });
    const other = await view("away.txt");
    expect(other.text).toBe("mine\nb\nyours\n");
    expect(other.facts.isRestored).toBe(true);
    other.close(true);
  });

  test("its guard, it saves when that is back", async () => {
    hub.write("guard.txt", "text\n");
    const one = await view("guard.txt");
    one.edit(0, 0, "more ");
    await one.acknowledged();
    await hub.kill("file-guard");
    await save(one.facts.document);
    expect(hub.read("guard.txt")).toBe("more text\n");
    writeFileSync(hub.path("guard.txt"), "from outside\n");
    await one.until(() => one.text === "from outside\n", "watched again");
    one.close(true);
  });
});
