/**
 * All keepers of this instance: ours, and those a Bulkhead of another version has left with shells in them. Terminals
 * attach to those this build can speak with (keeper-majors.ts); the shells of the others are shown and can be ended.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { KEEPER_MAJOR } from "../../contracts/keeper-majors.ts";
import {
  createKeeperLink,
  type KeeperLink,
  type KeeperLinkOptions,
  type KeeperView,
} from "./keeper-link.ts";

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
  /** Those that answered the last look, or are there and do not answer. */
  others(): readonly OtherKeeper[];
  /** The link of the keeper that has this session; ours when none has. */
  linkOf(session: string): KeeperLink;
  /** Running shells of all keepers, as far as they are known. */
  shells(): number;
}

/** What keepers need. */
export interface KeepersOptions extends Omit<KeeperLinkOptions, "major"> {
  /** Told once of each keeper of another version that is found with shells. */
  onOther(name: string, view: KeeperView): void;
  /** Told when one is gone that had shells, and nobody had asked for it. */
  onOtherGone(name: string, shells: number): void;
}

/** One of another version, with what was told of it. */
interface Other extends OtherKeeper {
  isTold: boolean;
  isAsked: boolean;
  shells: number;
}

/** Makes the links; those to others when their sockets are found. */
export function createKeepers(options: KeepersOptions): Keepers {
  const { runtimeDir } = options;
  const ours = createKeeperLink({ ...options, major: KEEPER_MAJOR });
  const others = new Map<number, Other>();
  /** Keepers without shells, by their sockets: a link of ours would keep them from leaving. */
  const empty = new Map<number, string>();
  function answering(): Other[] {
    const isThere = ({ link }: Other): boolean => link.last() !== null || link.silence() !== "";
    return [...others.values()].filter(isThere);
  }
  function drop(major: number): void {
    others.get(major)?.link.close();
    others.delete(major);
  }
  async function lookAt(major: number, other: Other): Promise<void> {
    await other.link.look();
    const view = other.link.last();
    if (view === null) {
      if (other.link.silence() !== "") return;
      if (other.shells > 0 && !other.isAsked) options.onOtherGone(other.name, other.shells);
      other.shells = 0;
      return;
    }
    other.shells = runningShells(view);
    if (view.sessions.length === 0) {
      empty.set(major, identityOf(runtimeDir, major));
      return drop(major);
    }
    if (other.isTold) return;
    other.isTold = true;
    options.onOther(other.name, view);
  }
  async function lookAtOthers(): Promise<void> {
    const majors = otherMajors(runtimeDir);
    for (const major of others.keys()) if (!majors.includes(major)) await lookAtLost(major);
    for (const major of majors) {
      if (others.has(major) || empty.get(major) === identityOf(runtimeDir, major)) continue;
      others.set(major, createOther(options, major));
    }
    await Promise.all([...others].map(([major, other]) => lookAt(major, other)));
  }
  /** Its socket has vanished: it has left, or its folder was cleaned away and it makes the socket again. */
  async function lookAtLost(major: number): Promise<void> {
    const other = others.get(major);
    if (other === undefined) return;
    await lookAt(major, other);
    if (other.link.last() === null) drop(major);
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
    shells() {
      const links = [ours, ...answering().map(({ link }) => link)];
      return links.reduce((sum, link) => sum + runningShells(link.last()), 0);
    },
    close() {
      ours.close();
      for (const { link } of others.values()) link.close();
    },
  };
}

function createOther(options: KeepersOptions, major: number): Other {
  const link = createKeeperLink({ ...options, major, pid: () => null, onSilence: () => {} });
  const other: Other = {
    name: `keeper/${major}`,
    link: {
      ...link,
      async shutdown() {
        other.isAsked = true;
        await link.shutdown();
      },
    },
    isTold: false,
    isAsked: false,
    shells: 0,
  };
  return other;
}

/** Shells that run in a keeper. */
export function runningShells(view: KeeperView | null): number {
  return view?.sessions.filter(({ exit }) => exit === null).length ?? 0;
}

function otherMajors(runtimeDir: string): number[] {
  const majors = namesIn(runtimeDir).map((name) =>
    Number(/^keeper-(\d{1,3})\.sock$/.exec(name)?.[1]),
  );
  return majors.filter((major) => major >= 0 && major !== KEEPER_MAJOR).slice(0, OTHERS_MAX);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Another one of the same major has another socket. */
function identityOf(runtimeDir: string, major: number): string {
  try {
    const { dev, ino, ctimeMs } = statSync(join(runtimeDir, `keeper-${major}.sock`));
    return `${dev} ${ino} ${ctimeMs}`;
  } catch {
    return "";
  }
}
