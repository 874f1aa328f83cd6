/** The built interface on disk. Only files that were there when the hub started can be asked for. */
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";

const FILES_MAX = 2000;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/** Files of one folder by their path below it. */
export interface Assets {
  /** Bytes and content type; undefined for a path that is not in the table. */
  read(path: string): Promise<{ readonly bytes: Buffer; readonly type: string } | undefined>;
  /** The document; a sentence when the interface was not built. */
  document(): Promise<string>;
}

/** Lists `folder` once. A missing folder is an empty table. */
export function openAssets(folder: string): Assets {
  const known = new Set(list(folder));
  return {
    async read(path) {
      if (!known.has(path)) return undefined;
      const bytes = await readFile(join(folder, path));
      return { bytes, type: TYPES[extname(path)] ?? "application/octet-stream" };
    },
    async document() {
      if (!known.has("index.html")) {
        return "<!doctype html><title>Bulkhead</title><p>The interface was not built: run npm start.</p>";
      }
      return await readFile(join(folder, "index.html"), "utf8");
    },
  };
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .slice(0, FILES_MAX)
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll(sep, "/"),
      );
  } catch {
    return [];
  }
}
