/** What the hub has told this link about its ids: subjects and peers. All void with the link. */

/** Ids by name and names by id. */
export class Names {
  readonly #ids = new Map<string, number>();
  readonly #subjects = new Map<number, string>();
  readonly #peers = new Map<number, string>();

  /** Takes in a `names` control. */
  learn(
    names: ReadonlyArray<readonly [number, string]>,
    peers: ReadonlyArray<readonly [number, string]>,
  ): void {
    for (const [id, subject] of names) {
      this.#ids.set(subject, id);
      this.#subjects.set(id, subject);
    }
    for (const [id, name] of peers) this.#peers.set(id, name);
  }

  /** Id of a subject, 0 while the hub has not told one. */
  idOf(subject: string): number {
    return this.#ids.get(subject) ?? 0;
  }

  subjectOf(id: number): string | undefined {
    return this.#subjects.get(id);
  }

  /** Full name of a peer; `#7` when the hub did not tell. */
  peerOf(id: number): string {
    return this.#peers.get(id) ?? `#${id}`;
  }
}
