/** Runs one command line to its exit code. */
import { type Invocation, parseInvocation } from "./arguments.ts";
import { actor, readActorRequest, startsHub, tellHubStarted } from "./commands/actor.ts";
import { audit, auditFolder, readAuditRequest } from "./commands/audit.ts";
import { call, readCallRequest } from "./commands/call.ts";
import { doctor } from "./commands/doctor.ts";
import { guard, readGuardRequest } from "./commands/guard.ts";
import { open, readOpenRequest } from "./commands/open.ts";
import { ps } from "./commands/ps.ts";
import { quit } from "./commands/quit.ts";
import { readTapRequest, tap } from "./commands/tap.ts";
import { type WithSession, waitUntilClosed } from "./commands/wait.ts";
import { CommandError, Exit, explainFailure } from "./exit.ts";
import { helpLines } from "./help.ts";
import { chooseRuntimeDir, wakeParkedHub } from "./runtime-dir.ts";
import { openSession, type Session, type SessionOptions } from "./session.ts";
import { startAgain } from "./start-again.ts";
import type { Surroundings } from "./surroundings.ts";
import { VERSION } from "./version.ts";

/**
 * Runs `bulkhead ARGV...` and returns its exit code. Never throws: a failure is one line on stderr.
 * @param argv the words after the program's name
 */
export async function runCommandLine(argv: readonly string[], world: Surroundings): Promise<Exit> {
  try {
    return await dispatch(parseInvocation(argv), argv, world);
  } catch (error) {
    const { exit, message } = explainFailure(error);
    world.err(`bulkhead: ${message}`);
    return exit;
  }
}

async function dispatch(
  from: Invocation,
  argv: readonly string[],
  world: Surroundings,
): Promise<Exit> {
  switch (from.command) {
    case "help":
      for (const line of helpLines()) world.out(line);
      return Exit.done;
    case "version":
      world.out(VERSION);
      return Exit.done;
    case "doctor":
      return doctor(from, world);
    case "open":
    case "serve": {
      const request = readOpenRequest(from, world.cwd);
      // The root's program has asked for a parked hub already.
      const show = (session: Session): Promise<void> => open(session, request, world.env);
      const shown = await connected({ ...from, woken: true }, world, show).catch((error: unknown) =>
        startAgain(error, argv, world),
      );
      if (request.wait) await waitUntilClosed(request.path, world, within(from, world));
      return shown;
    }
    case "ps":
      return connected(from, world, ps);
    case "actor": {
      const request = readActorRequest(from);
      if (startsHub(request) && wakeParkedHub(chooseRuntimeDir(from.runtimeDir, world))) {
        const told = async (session: Session): Promise<void> => tellHubStarted(session, request);
        return connected({ ...from, woken: true }, world, told);
      }
      return connected(from, world, (session) => actor(session, request));
    }
    case "call": {
      const request = readCallRequest(from);
      return connected(from, world, (session) => call(session, request));
    }
    case "tap": {
      const request = readTapRequest(from);
      return connected(from, world, (session) => tap(session, request));
    }
    case "quit":
      return connected(from, world, (session) => quit(session, from));
    case "guard": {
      const request = readGuardRequest(from, world.cwd);
      return connected(from, world, (session) => guard(session, request));
    }
    case "audit": {
      const { stateDir } = readAuditRequest(from, world.cwd);
      if (stateDir === undefined) return connected(from, world, audit);
      await auditFolder(stateDir, from, world);
      return Exit.done;
    }
    case "capture":
    case "mcp":
    case "model":
    case "demo":
      throw new CommandError(Exit.failed, `${from.command} is not built yet`);
  }
}

async function connected(
  from: Invocation & SessionOptions,
  world: Surroundings,
  work: (session: Session) => Promise<void>,
): Promise<Exit> {
  await within(from, world)(work);
  return Exit.done;
}

function within(from: Invocation & SessionOptions, world: Surroundings): WithSession {
  return async (work) => {
    const session = await openSession(from, world);
    try {
      return await work(session);
    } finally {
      session.peer.close();
    }
  };
}
