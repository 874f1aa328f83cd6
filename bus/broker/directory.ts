/** All peers of this hub incarnation by number and by name. Numbers start at 1 and are never used twice. */
import type { Access } from "./access.ts";
import type { MailboxBounds } from "./mailbox.ts";
import { Member } from "./member.ts";

/** Names of peers that are gone, kept for the recorder and for kept values. */
const GONE_NAMES_MAX = 4_096;

export class Directory {
  readonly #byId = new Map<number, Member>();
  readonly #byName = new Map<string, Member>();
  readonly #gone = new Map<number, string>();
  readonly #edgeNumbers = new Map<string, number>();
  readonly #mailboxBounds: MailboxBounds;
  #lastId = 0;

  constructor(mailboxBounds: MailboxBounds) {
    this.#mailboxBounds = mailboxBounds;
  }

  byId(id: number): Member | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): Member | undefined {
    return this.#byName.get(name);
  }

  all(): IterableIterator<Member> {
    return this.#byId.values();
  }

  /** Full name of a peer, also of one that is gone; `#7` when that is forgotten too. */
  nameOf(id: number): string {
    return this.#byId.get(id)?.name ?? this.#gone.get(id) ?? `#${id}`;
  }

  /** A new entry; edge peers are named later. */
  add(kind: Member["kind"], name: string, access: Access): Member {
    this.#lastId++;
    const member = new Member(this.#lastId, kind, name, {
      access,
      mailboxBounds: this.#mailboxBounds,
    });
    this.#byId.set(member.id, member);
    if (name !== "") this.#byName.set(name, member);
    return member;
  }

  /** Gives an edge peer its full name: `<base>/<number>`, counted per base. */
  name(member: Member, base: string): void {
    const number = (this.#edgeNumbers.get(base) ?? 0) + 1;
    this.#edgeNumbers.set(base, number);
    member.name = `${base}/${number}`;
    this.#byName.set(member.name, member);
  }

  /** Two members change their names. @throws Error for a name that is not known. */
  swap(name: string, other: string): void {
    const one = this.#byName.get(name);
    const two = this.#byName.get(other);
    if (one === undefined || two === undefined) throw new Error(`no peers ${name} and ${other}`);
    one.name = other;
    two.name = name;
    this.#byName.set(other, one).set(name, two);
  }

  /** Forgets an edge peer, but for its name. */
  remove(member: Member): void {
    this.#byId.delete(member.id);
    if (member.name === "") return;
    this.#byName.delete(member.name);
    this.#gone.set(member.id, member.name);
    if (this.#gone.size <= GONE_NAMES_MAX) return;
    const oldest = this.#gone.keys().next();
    if (oldest.done !== true) this.#gone.delete(oldest.value);
  }
}
