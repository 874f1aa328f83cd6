/** The two secrets of browser mode: the session key of the root's life and the token that is used up once. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../hub/write-file.ts";

const HEX = /^[0-9a-f]{64}$/;

/** Both secrets, read from the runtime dir. */
export interface Secrets {
  /** 64 hex digits, the same for every hub of this root. */
  readonly key: string;
  isKey(candidate: string): boolean;
  /** Whether `candidate` is the token; if so its file is removed and the next call says false. */
  useToken(candidate: string): boolean;
  /** The token that can still be used, a new one when the last was used up. */
  freshToken(): string;
}

/**
 * Opens the secrets the root wrote.
 * @throws Error when `session.key` is missing or not 64 hex digits.
 */
export function openSecrets(runtimeDir: string): Secrets {
  const tokenFile = join(runtimeDir, "serve.token");
  const key = readHex(join(runtimeDir, "session.key"));
  if (key === null)
    throw new Error(`${join(runtimeDir, "session.key")} does not hold 64 hex digits`);
  return {
    key,
    isKey: (candidate) => equal(candidate, key),
    useToken(candidate) {
      const token = readHex(tokenFile);
      if (token === null || !equal(candidate, token)) return false;
      // Used up even if the answer is lost on the way: a second use must never work.
      return removed(tokenFile);
    },
    freshToken() {
      const left = readHex(tokenFile);
      if (left !== null) return left;
      const token = randomBytes(32).toString("hex");
      replaceFile(tokenFile, token);
      return token;
    },
  };
}

/** False when somebody else was faster, or it cannot be removed: then it would work twice. */
function removed(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function readHex(path: string): string | null {
  try {
    const text = readFileSync(path, "utf8").trim();
    return HEX.test(text) ? text : null;
  } catch {
    return null;
  }
}
