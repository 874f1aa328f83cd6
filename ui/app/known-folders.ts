/** Folders by which paths are shortened for people; empty where not known yet. */
import type { KnownFolders } from "../state/denial.ts";
import { ROOT } from "../state/file-tree.ts";
import type { App } from "./app.ts";

export function knownFolders({ files, boot }: App): KnownFolders {
  return {
    workspace: files.tree().folders.get(ROOT)?.realPath ?? "",
    home: boot.env["HOME"] ?? "",
  };
}
