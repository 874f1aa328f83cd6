/**
 * All keepers of this instance: ours, and those a Bulkhead of another version has left with shells in them. Of the
 * others the shells are shown and can be ended; terminals attach to ours.
 */
import { readdirSync } from "node:fs";
import { createKeeperLink, type KeeperLink, type KeeperLinkOptions } from "./keeper-link.ts";

/** Major version of the keeper's methods that this Bulkhead speaks. */
const MAJOR = 1;
/** Others looked at; more than a few versions side by side nobody has. */
const OTHERS_MAX = 8;

/** A keeper of another version. */
export interface OtherKeeper {
  /** `keeper/0`. */
  readonly name: string;
  readonly link: KeeperLink;
}

/** Our keeper's link, whose `look` looks at the others as well. */
export interface Keepers extends KeeperLink {
  /** Those that answered the last look. */
  others(): readonly OtherKeeper[];
  /** The link of the keeper that has this session; ours when none has. */
  linkOf(session: string): KeeperLink;
}

/** What keepers need. */
export interface KeepersOptions extends Omit<KeeperLinkOptions, "major"> {
  /** Told once of each keeper of another version that is found with shells. */
  onOther(name: string, shells: number): void;
}

/** Makes the links; those to others when their sockets are found. */
export function createKeepers(options: KeepersOptions): Keepers {
  const ours = createKeeperLink({ ...options, major: MAJOR });
  const others = new Map<number, OtherKeeper>();
  const told = new Set<number>();
  const answering = (): OtherKeeper[] =>
    [...others.values()].filter(({ link }) => link.last() !== null);
  async function lookAtOther(major: number, other: OtherKeeper): Promise<void> {
    await other.link.look();
    const view = other.link.last();
    if (view === null || told.has(major)) return;
    told.add(major);
    options.onOther(other.name, view.sessions.filter(({ exit }) => exit === null).length);
  }
  async function lookAtOthers(): Promise<void> {
    const majors = otherMajors(options.runtimeDir);
    for (const [major, { link }] of others) {
      if (majors.includes(major)) continue;
      link.close();
      others.delete(major);
    }
    for (const major of majors) {
      if (others.has(major)) continue;
      const link = createKeeperLink({ ...options, major, pid: () => null, onSilence: () => {} });
      others.set(major, { name: `keeper/${major}`, link });
    }
    await Promise.all([...others].map(([major, other]) => lookAtOther(major, other)));
  }
  return {
    ...ours,
    async look() {
      const [view] = await Promise.all([ours.look(), lookAtOthers()]);
      return view;
    },
    others: answering,
    linkOf(session) {
      const has = ({ link }: OtherKeeper): boolean =>
        link.last()?.sessions.some((one) => one.session === session) ?? false;
      return answering().find(has)?.link ?? ours;
    },
    close() {
      ours.close();
      for (const { link } of others.values()) link.close();
    },
  };
}

function otherMajors(runtimeDir: string): number[] {
  const majors = namesIn(runtimeDir).map((name) =>
    Number(/^keeper-(\d{1,3})\.sock$/.exec(name)?.[1]),
  );
  return majors.filter((major) => major >= 0 && major !== MAJOR).slice(0, OTHERS_MAX);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
