/** Doctor: what the kernel, the session and the disk give. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { chooseRuntimeDir } from "../runtime-dir.ts";
import type { Surroundings } from "../surroundings.ts";
import { bad, type Check, good, poor } from "./check.ts";
import { sandboxChecks } from "./sandbox.ts";

/** A unix socket's path, less the closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;
const FONT_FOLDERS = ["/usr/share/fonts", "/usr/local/share/fonts"];
const FONT_DEPTH_MAX = 4;

/** Landlock and user-notify, display, runtime dir, pseudo terminals, fonts, shells. */
export async function machineChecks(
  world: Surroundings,
  runtimeDir: string | undefined,
): Promise<Check[]> {
  return [
    ...(await sandboxChecks(world)),
    displayCheck(world),
    runtimeDirCheck(chooseRuntimeDir(runtimeDir, world)),
    ptyCheck(),
    fontCheck(world),
    shellCheck(world),
  ];
}

function displayCheck(world: Surroundings): Check {
  const wayland = world.env["WAYLAND_DISPLAY"];
  const x = world.env["DISPLAY"];
  if (wayland) return good("display", `Wayland ${wayland}`);
  if (!x) return poor("display", "none: no window, browser mode works", "bulkhead serve");
  const number = /^:(\d+)/.exec(x)?.[1];
  if (number === undefined || existsSync(`/tmp/.X11-unix/X${number}`)) return good("display", x);
  return poor("display", `DISPLAY is ${x}, but no server listens there`, "bulkhead serve");
}

/** Whether the folder for sockets and tokens can be used: path length, owner, mode, writable. */
export function runtimeDirCheck(path: string): Check {
  const name = "runtime dir";
  const bytes = Buffer.byteLength(join(path, "keeper-1.sock"));
  if (bytes > SOCKET_PATH_BYTES_MAX) {
    const says = `${path}: a socket in it needs ${bytes} bytes, at most ${SOCKET_PATH_BYTES_MAX} are possible`;
    return bad(name, says, "bulkhead --runtime-dir /tmp/bulkhead ...");
  }
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    return bad(name, `${existing} cannot be written`, "set XDG_RUNTIME_DIR to a folder of yours");
  }
  if (existing !== path) return good(name, `${path} (not made yet)`);
  const { uid, mode } = statSync(path);
  if (uid !== process.getuid?.()) {
    return bad(name, `${path} belongs to uid ${uid}, not to you`, `remove it: rm -r ${path}`);
  }
  const bits = mode & 0o777;
  if (bits === 0o700) return good(name, path);
  return bad(name, `${path} has mode ${bits.toString(8)}, must be 700`, `chmod 700 ${path}`);
}

function ptyCheck(): Check {
  try {
    accessSync("/dev/ptmx", constants.R_OK | constants.W_OK);
    return good("pseudo terminals", "/dev/ptmx");
  } catch {
    return bad("pseudo terminals", "/dev/ptmx cannot be opened", "mount -t devpts devpts /dev/pts");
  }
}

function fontCheck(world: Surroundings): Check {
  const home = world.env["HOME"];
  const own = home ? [join(home, ".local/share/fonts"), join(home, ".fonts")] : [];
  const found = [...FONT_FOLDERS, ...own].find((folder) => hasFont(folder, FONT_DEPTH_MAX));
  if (found !== undefined) return good("fonts", found);
  return poor(
    "fonts",
    "no system font: only what Bulkhead brings (JetBrains Mono)",
    "sudo apt-get install fonts-dejavu-core",
  );
}

function hasFont(folder: string, depth: number): boolean {
  if (depth === 0 || !existsSync(folder)) return false;
  return readdirSync(folder, { withFileTypes: true }).some((entry) =>
    entry.isDirectory()
      ? hasFont(join(folder, entry.name), depth - 1)
      : /\.(ttf|otf|ttc|pfb)$/.test(entry.name),
  );
}

function shellCheck(world: Surroundings): Check {
  const login = world.env["SHELL"];
  if (login && !existsSync(login)) {
    return bad("shells", `SHELL is ${login}, which does not exist`, "chsh -s /bin/bash");
  }
  const listed = existsSync("/etc/shells") ? readFileSync("/etc/shells", "utf8").split("\n") : [];
  const there = listed.filter((path) => path.startsWith("/bin/") && existsSync(path));
  const names = there.map((path) => path.slice("/bin/".length));
  if (login) return good("shells", `${login}; also ${names.join(", ")}`);
  if (names.length > 0)
    return poor("shells", `SHELL is not set; found ${names.join(", ")}`, "export SHELL=/bin/bash");
  return bad("shells", "SHELL is not set and /etc/shells names none", "export SHELL=/bin/sh");
}
