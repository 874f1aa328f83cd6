/** Which walls each process gets, what this kernel lacks for them, and the words for it. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as v from "valibot";
import type { ChildSpec } from "../../supervision/spec.ts";
import type { HubOptions } from "./options.ts";

const PROBE_TIMEOUT_MS = 5000;
const PROBE_BYTES_MAX = 64 * 1024;
const SHELLS_INSIDE = "open: terminal.backend is node-pty, so shells are its children";

/** What `bulkhead-launch --probe` answers. */
export interface KernelParts {
  readonly landlockAbi: number;
  readonly userNotify: boolean;
  /** Parts of an actor's profile that this kernel lacks, in words. */
  readonly missing: readonly string[];
}

/** The walls of this hub's processes. */
export interface Confinement {
  /** Arguments of the launcher for a start that happens now. */
  launching(spec: ChildSpec): string[];
  /** For the row: what the running process is confined by, or the next one will be. */
  words(spec: ChildSpec): string;
  /** What the kernel offers, or why that is not known. Asked once. */
  kernel(): KernelParts | string;
}

const Probe = v.object({
  landlockAbi: v.number(),
  userNotify: v.boolean(),
  missing: v.array(v.string()),
});

/** @param backend the setting `terminal.backend` as it is now. */
export function createConfinement(options: HubOptions, backend: () => unknown): Confinement {
  let asked: KernelParts | string | undefined;
  const started = new Map<string, string>();
  const kernel = (): KernelParts | string => {
    asked ??= probe(join(options.home, "bin", "bulkhead-launch"));
    return asked;
  };
  const holdsShells = (spec: ChildSpec): boolean => {
    const chosen = options.childEnv["BULKHEAD_TERMINAL_BACKEND"] ?? backend();
    return spec.name === "terminal" && chosen === "node-pty";
  };
  const now = (spec: ChildSpec): string => {
    if ("open" in spec.sandbox) return spec.sandbox.open;
    return holdsShells(spec) ? SHELLS_INSIDE : confinedWords(spec.sandbox.profile, kernel());
  };
  return {
    launching(spec) {
      started.set(spec.name, now(spec));
      if ("open" in spec.sandbox || holdsShells(spec)) return [];
      const { profile, reads, writes = [] } = spec.sandbox;
      return [
        "--profile",
        profile,
        ...reads.flatMap((path) => ["--read", path]),
        ...writes.flatMap((path) => ["--write", path]),
        ...(isDegraded(kernel()) ? ["--allow-degraded"] : []),
      ];
    },
    words: (spec) => started.get(spec.name) ?? now(spec),
    kernel,
  };
}

/** Whether actors run with fewer walls than their profiles ask for. An unknown kernel is not asked to be lenient. */
function isDegraded(kernel: KernelParts | string): boolean {
  return typeof kernel !== "string" && kernel.missing.length > 0;
}

function confinedWords(profile: string, kernel: KernelParts | string): string {
  if (typeof kernel === "string") return `profile ${profile}: ${kernel}`;
  if (kernel.missing.length > 0) {
    return `degraded: profile ${profile} without ${kernel.missing.join(", ")}`;
  }
  return `confined: profile ${profile} (Landlock, seccomp)`;
}

function probe(launcher: string): KernelParts | string {
  try {
    const text = execFileSync(launcher, ["--probe"], {
      timeout: PROBE_TIMEOUT_MS,
      maxBuffer: PROBE_BYTES_MAX,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return v.parse(Probe, JSON.parse(text.toString()));
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return `the launcher could not tell what this kernel offers: ${says.slice(0, 300)}`;
  }
}
