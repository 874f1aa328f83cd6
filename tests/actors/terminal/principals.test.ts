/** For whom a terminal is started: it has no walls, so for no program. */
import { expect, test } from "vitest";
import type { Backend } from "../../../actors/terminal/backend.ts";
import { serveTerminal } from "../../../actors/terminal/service.ts";
import type { SessionTable } from "../../../actors/terminal/sessions.ts";
import * as terminal from "../../../bus/contracts/terminal.ts";
import { errorOf, testHub } from "../../bus/harness.ts";

const ID = "0123456789abcdef";
const SIZE = { cols: 80, rows: 24 };
const NEW = { argv: ["cat", "/ws/.env"], cwd: "", env: {}, name: "", ...SIZE };

test("nothing is started in a terminal for an agent or a server, not even again", async () => {
  const started: string[] = [];
  const session = { meta: { owner: "agent" }, describe: () => ({}) };
  const start = (what: string) => () => {
    started.push(what);
    return Promise.resolve(session);
  };
  const table = {
    create: start("create"),
    restart: start("restart"),
    has: () => true,
    get: () => session,
  };
  const hub = testHub();
  const actor = await hub.actor("terminal");
  serveTerminal({
    peer: actor.peer,
    table: table as unknown as SessionTable,
    backend: {} as Backend,
    wallMs: () => 0,
  });
  for (const principal of ["agent", "mcp:files"] as const) {
    const program = await hub.edge({ principal });
    const create = program.request(terminal.create, NEW);
    expect(await errorOf(create)).toMatchObject({ code: "bus/denied" });
    const restart = program.request(terminal.restart, { session: ID, ...SIZE });
    expect(await errorOf(restart)).toMatchObject({ code: "bus/denied" });
  }
  expect(started).toEqual([]);
  const page = await hub.edge();
  // Its answer is that of a made-up table, which fits no contract.
  await errorOf(page.request(terminal.create, NEW));
  expect(started).toEqual(["create"]);
});
