/** What the hub serves on the bus by itself: every method of `contracts/hub.ts` but taps. */
import {
  act,
  consequence,
  crashesList,
  crashGet,
  doctor,
  HubCode,
  info,
  noticesList,
  open,
  processDetail,
  processesList,
  quit,
  reload,
  settingPut,
  show,
  stateGet,
  statePut,
} from "../../contracts/hub.ts";
import { openWindow, quit as rootQuit, reload as rootReload } from "../../contracts/root.ts";
import { BusError } from "../../errors.ts";
import { actOn } from "./act.ts";
import { readBootRun } from "./boot.ts";
import { consequenceOf } from "./consequence.ts";
import { runDoctor } from "./doctor.ts";
import type { HubParts } from "./parts.ts";
import { findRow, processRows } from "./rows.ts";
import { readUiState, writeUiState } from "./ui-state.ts";

const STDERR_LINES_MAX = 50;
const MAILBOX_ROWS_MAX = 100;

/** Registers everything; the peer's end takes it away again. */
export function serveHub(parts: HubParts): void {
  serveProcesses(parts);
  serveReports(parts);
  serveInstance(parts);
  serveFiles(parts);
}

function serveProcesses(parts: HubParts): void {
  const { peer } = parts;
  peer.handle(processesList, async () => {
    await parts.keeper.look();
    return { processes: processRows(parts) };
  });
  peer.handle(processDetail, ({ name }) => {
    const row = existing(parts, name);
    const child = parts.supervisor.child(name);
    const { waiting } = parts.broker.census(name);
    return {
      row,
      moves: [...(child?.moves ?? [])],
      mailbox: waiting.slice(0, MAILBOX_ROWS_MAX),
      stderr: [...(child?.process?.stderr() ?? child?.lastStderr ?? [])].slice(-STDERR_LINES_MAX),
      policy: {
        restart: child?.spec.policy.restart ?? "permanent",
        dependsOn: [...(child?.spec.dependsOn ?? [])],
      },
    };
  });
  peer.handle(consequence, async (input) => {
    await parts.keeper.look();
    return consequenceOf(parts, existing(parts, input.name), input.act);
  });
  peer.handle(act, async ({ name, act: what, endShells }) => ({
    sentence: await actOn(parts, { name, act: what, endShells }),
  }));
}

function serveReports(parts: HubParts): void {
  const { peer } = parts;
  peer.handle(noticesList, () => ({ notices: parts.board.list() }));
  peer.handle(crashesList, () => ({ crashes: parts.crashes.list() }));
  peer.handle(crashGet, ({ id }) => {
    const report = parts.crashes.get(id);
    if (report === undefined)
      throw new BusError("hub/no-such-crash", `there is no crash report "${id}"`);
    return report;
  });
  peer.handle(doctor, async () => ({ checks: await runDoctor(parts) }));
}

function serveInstance(parts: HubParts): void {
  const { peer, options } = parts;
  const boot = readBootRun();
  peer.handle(info, () => ({
    boot,
    version: options.version,
    pid: process.pid,
    hubEpoch: options.hubEpoch,
    startedMs: parts.startedMs,
    workspace: options.workspace,
    runtimeDir: options.runtimeDir,
    stateDir: options.stateDir,
    configDir: options.configDir,
    mode: options.mode,
    node: process.versions.node,
    home: options.home,
  }));
  peer.handle(quit, async ({ all }) => {
    parts.log.write("hub", `info quit was asked for${all ? ", shells too" : ""}`);
    await peer.request(rootQuit, { all }, { timeoutMs: 10_000 });
    return {};
  });
  peer.handle(reload, async () => {
    parts.log.write("hub", "info reload was asked for");
    await peer.request(rootReload, {}, { timeoutMs: 10_000 });
    return {};
  });
  peer.handle(open, (input) => openHere(parts, input));
}

function serveFiles(parts: HubParts): void {
  const { peer, options } = parts;
  peer.handle(stateGet, ({ key }) => ({ value: readUiState(options.stateDir, key) }));
  peer.handle(statePut, ({ key, value }) => {
    writeUiState(options.stateDir, { key, value }, parts.files.write);
    return {};
  });
  peer.handle(settingPut, ({ key, value }) => {
    parts.settings.put(key, value);
    return {};
  });
}

interface OpenInput {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly newWindow: boolean;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

async function openHere(
  parts: HubParts,
  input: OpenInput,
): Promise<{ windows: number; url: string }> {
  const { browser, peer, broker } = parts;
  const pages = broker
    .peers()
    .filter((one) => one.kind === "edge" && one.name.startsWith("ui/")).length;
  if (browser === undefined && (pages === 0 || input.newWindow)) {
    const asked = peer.request(openWindow, { env: { ...input.env } }, { timeoutMs: 10_000 });
    await asked.catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error);
      throw new BusError(HubCode.noWindow, `no window could be opened: ${words}`, { cause: error });
    });
  }
  if (input.path !== "") {
    peer.publish(show, { what: "file", path: input.path, line: input.line, column: input.column });
  } else if (!input.newWindow) {
    peer.publish(show, { what: "focus" });
  }
  return { windows: pages, url: browser?.openUrl() ?? "" };
}

function existing(parts: HubParts, name: string): NonNullable<ReturnType<typeof findRow>> {
  const row = findRow(parts, name);
  if (row === undefined) throw new BusError(HubCode.noSuchProcess, `there is no process "${name}"`);
  return row;
}
