/**
 * The hub's socket, kept where clients look for it: whoever removes it or puts another in its place is noticed, and the
 * hub listens there again. Links that are up go on.
 */
import { lstatSync } from "node:fs";
import type { Clock } from "../../clock.ts";
import type { UnixServer } from "../index.ts";

/** Between two looks, milliseconds. */
const LOOK_MS = 2_000;

/** What a standing door needs. */
export interface StandingDoorOptions {
  readonly clock: Clock;
  /** Opens the door; an earlier one is closed by then. Rejects when it cannot be opened. */
  open(): Promise<UnixServer>;
  log(line: string): void;
}

/**
 * Opens the door and keeps it open until it is closed.
 * @throws what `open` throws the first time; later failures are logged and tried again.
 */
export async function openStandingDoor(options: StandingDoorOptions): Promise<UnixServer> {
  let server = await options.open();
  const { path } = server;
  let place = placeOf(path);
  let isClosed = false;
  let cancel: () => void = () => undefined;
  const look = async (): Promise<void> => {
    if (placeOf(path) !== place) {
      // Closing removes whatever lies at the path, so it comes first. Its links stay, and are not waited for.
      void server.close();
      server = await options.open();
      place = placeOf(path);
      options.log(`warn ${path} had vanished or was another's: listening there again`);
    }
  };
  const arm = (): void => {
    cancel = options.clock.setTimer(LOOK_MS, () => {
      look()
        .catch((error: unknown) => options.log(`error ${path}: ${String(error)}`))
        .finally(() => {
          if (isClosed) void server.close();
          else arm();
        });
    });
  };
  arm();
  return {
    path,
    close() {
      isClosed = true;
      cancel();
      return server.close();
    },
  };
}

/** Device and inode; empty when nothing lies there. */
function placeOf(path: string): string {
  try {
    const { dev, ino } = lstatSync(path);
    return `${dev}:${ino}`;
  } catch {
    return "";
  }
}
