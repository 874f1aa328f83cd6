/** A view as the page has one: CodeMirror's own collab extension, fed with the lines of the contract. */
import { collab, getSyncedVersion, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { ChangeSet, EditorState, Text } from "@codemirror/state";
import type { Changes, Down, Push } from "../../../bus/contracts/editor-document.ts";
import { hashText } from "../../../bus/text-hash.ts";

/** What a client knows when it attaches again. */
export interface Known {
  readonly version: number;
  readonly hash: string;
}

export class CollabClient {
  readonly id: string;
  state: EditorState;
  /** Text at the confirmed version. */
  confirmed: Text;
  /** Seq of the first edit that is not acknowledged. */
  firstSeq = 1;

  constructor(id: string, text: Text, version: number) {
    this.id = id;
    this.confirmed = text;
    this.state = this.#fresh(text, version);
  }

  get version(): number {
    return getSyncedVersion(this.state);
  }

  get text(): string {
    return this.state.doc.toString();
  }

  get unconfirmed(): number {
    return sendableUpdates(this.state).length;
  }

  get known(): Known {
    return { version: this.version, hash: hashText(this.confirmed.iter()) };
  }

  edit(from: number, to: number, insert: string): void {
    const length = this.state.doc.length;
    const [start, end] = [Math.min(from, to) % (length + 1), Math.max(from, to) % (length + 1)];
    const range = { from: Math.min(start, end), to: Math.max(start, end), insert };
    this.state = this.state.update({ changes: range }).state;
  }

  /** All that is not acknowledged, as the contract wants it. */
  push(): Push | undefined {
    const updates = sendableUpdates(this.state);
    const [first] = updates;
    if (first === undefined) return undefined;
    return {
      seq: this.firstSeq,
      base: this.version,
      length: first.changes.length,
      changes: updates.map(({ changes }) => changes.toJSON() as Changes),
    };
  }

  /** Takes a line of updates. */
  take(line: Extract<Down, { ack: number } | { changes: unknown }>): void {
    if ("ack" in line) this.#acknowledged(line.ack);
    else {
      if (line.version !== this.version) {
        throw new Error(`updates after ${line.version}, but this client is at ${this.version}`);
      }
      for (const { changes: json, client } of line.changes) {
        const changes = ChangeSet.fromJSON(json);
        this.confirmed = changes.apply(this.confirmed);
        const update = { changes, clientID: client ?? ":disk" };
        this.state = receiveUpdates(this.state, [update]).state;
      }
    }
  }

  /** Takes a snapshot, and keeps edits that are not in it. */
  reset(text: Text, version: number, acknowledged: number): void {
    const updates = sendableUpdates(this.state);
    const inside = Math.max(0, Math.min(updates.length, acknowledged - this.firstSeq + 1));
    let before = this.confirmed;
    for (const { changes } of updates.slice(0, inside)) before = changes.apply(before);
    let diff = replacement(before, text);
    this.confirmed = text;
    this.state = this.#fresh(text, version);
    this.firstSeq = Math.max(this.firstSeq, acknowledged + 1);
    for (const { changes } of updates.slice(inside)) {
      const moved = changes.map(diff);
      diff = diff.map(changes, true);
      this.state = this.state.update({ changes: moved }).state;
    }
  }

  #acknowledged(seq: number): void {
    const own = sendableUpdates(this.state).slice(0, seq - this.firstSeq + 1);
    for (const { changes } of own) {
      this.confirmed = changes.apply(this.confirmed);
    }
    this.firstSeq += own.length;
    const updates = own.map(({ changes }) => ({ changes, clientID: this.id }));
    this.state = receiveUpdates(this.state, updates).state;
  }

  #fresh(doc: Text, startVersion: number): EditorState {
    return EditorState.create({ doc, extensions: [collab({ clientID: this.id, startVersion })] });
  }
}

/** One replacement that makes `to` of `from`, without their common ends. */
function replacement(from: Text, to: Text): ChangeSet {
  const [old, fresh] = [from.toString(), to.toString()];
  let head = 0;
  while (head < Math.min(old.length, fresh.length) && old[head] === fresh[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, fresh.length) - head;
  while (tail < most && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) tail++;
  const insert = Text.of(fresh.slice(head, fresh.length - tail).split("\n"));
  return ChangeSet.of({ from: head, to: old.length - tail, insert }, old.length);
}
