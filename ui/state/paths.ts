/** Paths as a person or a program writes them, made absolute. Pure; nothing is looked up. */

export interface PathPlaces {
  /** What a relative path counts from, absolute. */
  readonly folder: string;
  /** What `~` stands for. */
  readonly home: string;
}

/** Absolute, without `.`, `..` and doubled slashes. */
export function absolutePath(path: string, { folder, home }: PathPlaces): string {
  if (path === "~" || path.startsWith("~/")) return tidy(`${home}${path.slice(1)}`);
  return tidy(path.startsWith("/") ? path : `${folder}/${path}`);
}

/** The path from `folder` on; undefined when it does not lie in it. */
export function pathWithin(path: string, folder: string): string | undefined {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** Everything before the last slash; empty for a name in the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function tidy(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
