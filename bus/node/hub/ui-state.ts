/** Small JSON values of the interface in `S/ui/<key>.json`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HubCode } from "../../contracts/hub.ts";
import { BusCode, BusError } from "../../errors.ts";
import type { WriteFile } from "./saved-files.ts";
import { replaceFile } from "./write-file.ts";

/** One value, as JSON text. */
const VALUE_BYTES_MAX = 256 * 1024;
const KEY = /^[a-z0-9-]{1,64}$/;

/** The value of `key`, null when there is none or its file is broken. Throws `hub/bad-key`. */
export function readUiState(stateDir: string, key: string): unknown {
  const path = pathOf(stateDir, key);
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

/** A value to store. */
export interface UiValue {
  readonly key: string;
  readonly value: unknown;
}

/** Stores a value. Throws `hub/bad-key`, `bus/limit` over 256 KiB, and what `write` throws. */
export function writeUiState(
  stateDir: string,
  { key, value }: UiValue,
  write: WriteFile = replaceFile,
): void {
  const path = pathOf(stateDir, key);
  const text = JSON.stringify(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > VALUE_BYTES_MAX) {
    throw new BusError(
      BusCode.limit,
      `value of "${key}" has ${bytes} bytes, at most ${VALUE_BYTES_MAX}`,
    );
  }
  write(path, text);
}

function pathOf(stateDir: string, key: string): string {
  if (!KEY.test(key)) {
    throw new BusError(HubCode.badKey, `key "${key.slice(0, 80)}" does not match ${KEY.source}`);
  }
  return join(stateDir, "ui", `${key}.json`);
}
