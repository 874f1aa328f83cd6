/** The import law of the design as data, and a judge for it. The tools enforce it as well; this names every breach at once. */
import { posix } from "node:path";

/** A file by its path in the checkout. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What files of one folder may import. Longest folder wins. */
interface Zone {
  readonly folder: string;
  readonly zones: readonly string[];
  readonly packages: readonly string[];
  readonly node: boolean;
}

const SCHEMA = ["valibot"];
/** What single actors may import beside. */
const ACTOR_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  terminal: ["@lydell/node-pty", "@xterm/*"],
  "editor-sync": ["@codemirror/state", "piscina"],
};
const ACTORS = ["file-guard", "editor-sync", "terminal", "git", "model", "mcp"];

const zones: readonly Zone[] = [
  { folder: "bus", zones: ["bus"], packages: [...SCHEMA, "msgpackr"], node: false },
  { folder: "bus/supervision", zones: ["bus"], packages: [...SCHEMA, "xstate"], node: false },
  {
    folder: "bus/node",
    zones: ["bus", "bus/supervision"],
    packages: [...SCHEMA, "ws"],
    node: true,
  },
  { folder: "bus/web", zones: ["bus"], packages: SCHEMA, node: false },
  { folder: "bus/cli", zones: ["bus", "bus/node"], packages: SCHEMA, node: true },
  { folder: "actors/runtime", zones: ["bus", "bus/node"], packages: SCHEMA, node: true },
  ...ACTORS.map((name) => ({
    folder: `actors/${name}`,
    zones: ["bus", "bus/node", "actors/runtime"],
    packages: [...SCHEMA, ...(ACTOR_PACKAGES[name] ?? [])],
    node: true,
  })),
  {
    folder: "ui",
    zones: ["bus", "bus/web"],
    packages: [
      ...SCHEMA,
      "solid-js",
      "dockview-core",
      "@xterm/*",
      "lucide-static",
      "comlink",
      "jetbrains-mono",
      "@codemirror/*",
      "@lezer/highlight",
      "@replit/codemirror-vim",
    ],
    node: false,
  },
];

/** Files that run in the build, not in the page. */
const BUILD_FILES = [/^ui\/vite\.config\.ts$/, /^ui\/build\//];
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** Every breach as `path: imports what, which its folder may not`. */
export function findBreaches(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !BUILD_FILES.some((pattern) => pattern.test(path)))
    .flatMap((source) => {
      const zone = zoneOf(source.path);
      if (zone === undefined) return [];
      return importsOf(source.text)
        .filter((specifier) => !isAllowed(zone, source.path, specifier))
        .map((specifier) => `${source.path}: imports ${specifier}, which ${zone.folder} may not`);
    });
}

/** What a file imports, in any of the ways TypeScript has. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic;
    return specifier === undefined ? [] : [specifier];
  });
}

function isAllowed(zone: Zone, path: string, specifier: string): boolean {
  if (specifier.startsWith("node:")) return zone.node;
  // What the page's own build makes (ui/build).
  if (specifier.startsWith("virtual:")) return zone.folder === "ui";
  if (!specifier.startsWith(".")) return isAllowedPackage(zone, path, specifier);
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  const other = zoneOf(target)?.folder;
  return other === zone.folder || (other !== undefined && zone.zones.includes(other));
}

function isAllowedPackage(zone: Zone, path: string, specifier: string): boolean {
  if (specifier.startsWith("msgpackr") && path !== "bus/codec.ts") return false;
  return zone.packages.some((name) =>
    name.endsWith("/*")
      ? specifier.startsWith(name.slice(0, -1))
      : specifier === name || specifier.startsWith(`${name}/`),
  );
}

function zoneOf(path: string): Zone | undefined {
  let best: Zone | undefined;
  for (const zone of zones) {
    if (path.startsWith(`${zone.folder}/`) && zone.folder.length > (best?.folder.length ?? 0)) {
      best = zone;
    }
  }
  return best;
}
