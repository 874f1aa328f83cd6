import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { TerminalSession } from "../../../actors/terminal/session.ts";
import { type RealKeeper, startKeeper, until } from "./real-keeper.ts";
import { openTable, request, show, TestView, typist } from "./real-table.ts";
import { Onlooker, type Picture } from "./terminal-picture.ts";

// Real processes on a machine that may be busy: the bounds inside the tests are the tighter ones.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let keeper: RealKeeper;
let home: string;

beforeAll(async () => {
  keeper = await startKeeper();
  home = mkdtempSync(join(tmpdir(), "bulkhead-home-"));
  const lines = Array.from(
    { length: 500 },
    (_, i) => `${i}: the quick brown fox ${"jumps ".repeat(i % 30)}`,
  );
  writeFileSync(join(home, "text.txt"), lines.join("\n"));
  // Without ttimeoutlen vim takes a second to believe an Escape, and draws long after it was quiet.
  const settings = "number mouse=a background=dark nocompatible ttimeout ttimeoutlen=20";
  writeFileSync(join(home, ".vimrc"), `syntax on\nset ${settings}\nhi Normal ctermbg=blue\n`);
});

afterAll(async () => {
  await keeper.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const SIZE = { cols: 100, rows: 30 };

async function picture(view: TestView): Promise<Picture> {
  const onlooker = new Onlooker(SIZE.cols, SIZE.rows);
  for (const chunk of view.chunks) await onlooker.write(chunk);
  const seen = await onlooker.look();
  onlooker.dispose();
  return seen;
}

/** Waits until the program has said nothing for a while. */
async function quiet(session: TerminalSession): Promise<void> {
  let before = -1;
  let since = Date.now();
  await until(() => {
    if (session.store.history.end !== before) {
      before = session.store.history.end;
      since = Date.now();
    }
    return Date.now() - since > 250;
  });
}

/** A page that reloads: the screen as one part, then what comes. */
async function reload(session: TerminalSession): Promise<TestView> {
  const screen = await session.checkpoint();
  const view = new TestView();
  const restore = new TextEncoder().encode(screen.text);
  session.addView(view, { source: "ui/2", visible: true, from: screen.offset, restore });
  return view;
}

interface Scene {
  readonly argv: readonly string[];
  /** Text that says the program is there. */
  readonly sign: string;
  /** Keys before the restore, and after it. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const scenes: ReadonlyArray<readonly [name: string, scene: Scene]> = [
  [
    "vim",
    {
      argv: ["vim", "-n", "text.txt"],
      sign: "quick brown",
      before: ["100G", ":vsplit\r", "/jumps jumps\r", "ihello \u001b"],
      after: ["\u0004", "dd", "Gx"],
    },
  ],
  [
    "less",
    {
      argv: ["less", "text.txt"],
      sign: "quick brown",
      before: [" ", " ", "/fox\r"],
      after: ["b", "G"],
    },
  ],
  [
    "htop",
    {
      argv: ["htop", "-d", "100"],
      sign: "F10",
      before: ["\u001b[B", "\u001b[B", "t"],
      after: ["\u001b[B"],
    },
  ],
  ["mc", { argv: ["mc", "-u"], sign: "10", before: ["\t", "\u001b[B"], after: ["\u001b[B"] }],
  [
    "bash with colours",
    {
      argv: ["bash", "--norc"],
      sign: "$ ",
      before: [
        "for i in $(seq 1 80); do printf '\\e[3%dm%d ' $((i % 8)) $i; done\r",
        "cat text.txt\r",
      ],
      after: ["echo done\r"],
    },
  ],
];

test.each(scenes)(
  "a view restored by a new actor shows %s as one that saw everything",
  async (_name, scene) => {
    const first = openTable(await keeper.backend(), home);
    const env = { HOME: home, PATH: "/usr/bin:/bin", LANG: "C.UTF-8", PS1: "$ " };
    const session = await first.table.create(
      request({ argv: [...scene.argv], env, cwd: home, ...SIZE }),
    );
    const witness = show(session, new TestView());
    await until(
      () => witness.text.includes(scene.sign),
      () => JSON.stringify(witness.text.slice(-500)),
    );
    await quiet(session);
    const firstKeys = await typist(await keeper.backend(), session);
    for (const keys of scene.before) {
      firstKeys(keys);
      await quiet(session);
    }
    await session.checkpoint();
    firstKeys(scene.before.at(-1) ?? "");
    await quiet(session);

    const second = openTable(await keeper.backend(), home);
    await second.table.adopt();
    const again = second.table.get(session.id);
    await again.reach(witness.bytes);
    show(again, witness.next(), witness.bytes);
    const restored = await reload(again);
    await quiet(again);
    const keys = await typist(await keeper.backend(), again);
    for (const sequence of ["", ...scene.after]) {
      if (sequence !== "") keys(sequence);
      await quiet(again);
      const [shown, seen] = [await picture(restored), await picture(witness)];
      expect(shown).toEqual(seen);
    }
    await second.table.end(session.id);
    await until(() => second.table.describe().length === 0);
  },
  90_000,
);
