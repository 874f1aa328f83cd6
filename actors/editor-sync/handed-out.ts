/** Texts that were handed out whole: an agent's edit is made against what it has read, which may be old by now. */
import type { Text } from "@codemirror/state";
import { EditorSyncCode } from "../../bus/contracts/editor-document.ts";
import { BusError } from "../../bus/errors.ts";
import type { LiveDocument } from "./document.ts";

/** Versions remembered of one document. They share what is equal in them. */
const VERSIONS_MAX = 8;

export class HandedOut {
  readonly #texts = new WeakMap<LiveDocument, Map<number, Text>>();

  remember(document: LiveDocument, version: number, text: Text): void {
    const texts = this.#texts.get(document) ?? new Map<number, Text>();
    this.#texts.set(document, texts);
    texts.delete(version);
    texts.set(version, text);
    for (const oldest of texts.keys()) {
      if (texts.size <= VERSIONS_MAX) break;
      texts.delete(oldest);
    }
  }

  /** The text at a version, by default now. @throws BusError `not-there` */
  text(document: LiveDocument, version: number | undefined): Text {
    const { authority } = document;
    if (version === undefined || version === authority.version) return authority.text;
    const found = this.#texts.get(document)?.get(version);
    if (found !== undefined) return found;
    const message = `version ${version} was not handed out, or is forgotten; now it is ${authority.version}`;
    const data = { value: version, bound: authority.version };
    throw new BusError(EditorSyncCode.notThere, message, { data });
  }
}
