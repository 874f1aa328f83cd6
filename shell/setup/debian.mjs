/** Debian packages with the reason for each, and how they are had. */
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { findProgram } from "./paths.mjs";
import { run, SetupError, say } from "./run.mjs";

/** Needed to build and to run. */
export const runPackages = {
  "build-essential": "the linker cargo calls",
  "pkg-config": "how the build finds WebKitGTK",
  "libwebkit2gtk-4.1-dev": "the system webview",
  bubblewrap: "WebKit's own sandbox around the page",
  "xdg-dbus-proxy": "the session bus inside that sandbox",
};

/** Needed by the tests beside those. */
export const testPackages = {
  xvfb: "a display without a screen",
  xauth: "xvfb-run needs it",
  dbus: "dbus-run-session: a session bus of the test's own",
  "webkit2gtk-driver": "WebKitWebDriver drives the real window",
  chromium: "the page in a browser",
  xdotool: "real key and pointer events",
  imagemagick: "screenshots of the root window",
  "fonts-dejavu-core": "text in pictures looks the same everywhere",
  zsh: "shell integration",
  fish: "shell integration",
  htop: "a full-screen program in a terminal",
  mc: "the same, with mouse and subshell",
  less: "the same, alternate screen",
  vim: "the same, every key",
  tmux: "a terminal in the terminal",
  ripgrep: "searches behind the agent's walls, and beside ours",
  procps: "ps and pgrep: nothing may be left running",
};

/** Names of `packages` that are not installed; undefined on a system without dpkg. */
export async function missingPackages(packages) {
  const query = findProgram("dpkg-query");
  if (!query) return undefined;
  const format = "$" + "{db:Status-Status} $" + "{Package}\n";
  // dpkg-query fails when one name is unknown to it and still lists the others.
  const argv = ["sh", "-c", 'exec "$0" "$@" 2>/dev/null', query, "-W", "-f", format, ...packages];
  const { stdout } = await run(argv, { capture: true });
  const installed = new Set();
  for (const line of stdout.split("\n")) {
    const [status, name] = line.split(" ");
    if (status === "installed") installed.add(name);
  }
  return packages.filter((name) => !installed.has(name));
}

/** The command a person would type. */
export function installCommand(packages) {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}

/**
 * Installs what is missing: as root at once, else with sudo after asking, else it says the command.
 * @throws {SetupError} when the packages cannot be had
 */
export async function installPackages(packages) {
  const missing = await missingPackages(Object.keys(packages));
  if (missing === undefined) {
    if (!existsSync("/usr/include/webkitgtk-4.1")) {
      say(`this is no Debian: see to it that these are there: ${Object.keys(packages).join(", ")}`);
    }
    return;
  }
  if (missing.length === 0) return;
  const prefix = await allowedPrefix(missing, packages);
  say(`installing ${missing.join(", ")}`);
  const options = ["-o", "DPkg::Lock::Timeout=300", "-y", "-q"];
  const env = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...options];
  const input = prefix.length > 0 && process.stdin.isTTY ? { input: "inherit" } : {};
  const update = await run([...env, "update"], input);
  const install = await run([...env, "install", "--no-install-recommends", ...missing], input);
  if (install.code === 0) return;
  const cause = update.code === 0 ? "apt-get install failed" : "apt-get update failed";
  throw new SetupError(`${cause}; fix it with: ${installCommand(missing)}`);
}

/** What to put before apt-get: nothing for root, sudo where a person or a CI setting allows it. */
async function allowedPrefix(missing, packages) {
  if (process.getuid() === 0) return [];
  const refused = new SetupError(
    `missing Debian packages: ${missing.join(", ")}; install them with: ${installCommand(missing)}`,
  );
  if (!findProgram("sudo")) throw refused;
  if (process.env.CI) {
    const { code } = await run(["sudo", "-n", "true"]);
    if (code !== 0) throw refused;
    return ["sudo", "-n"];
  }
  if (!(process.stdin.isTTY && process.stderr.isTTY)) throw refused;
  for (const name of missing) say(`missing: ${name} (${packages[name]})`);
  const answer = await question("Install them with sudo apt-get now? [Y/n] ");
  if (!/^(y|yes|)$/i.test(answer.trim())) throw refused;
  return ["sudo"];
}

/** What a person typed; "no" when they closed the terminal's input instead. */
function question(text) {
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    ask.on("close", () => resolve("no"));
    ask.question(text, (answer) => {
      resolve(answer);
      ask.close();
    });
  });
}
