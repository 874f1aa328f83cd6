/** Settings the page uses, read from hub.settings with bounds; what does not fit falls back to the default. */

export type ThemeChoice = "system" | "dark" | "light" | "contrast";
export type Theme = Exclude<ThemeChoice, "system">;

export interface Settings {
  readonly theme: ThemeChoice;
  /** Pixels, FONT_SIZE_MIN to FONT_SIZE_MAX. */
  readonly fontSize: number;
  /** Lines of scrollback, 0 to 100,000. */
  readonly scrollback: number;
  readonly shellIntegration: boolean;
  readonly backend: "keeper" | "node-pty";
  readonly reducedMotion: boolean;
  /** Close keeps running programs without asking. */
  readonly keepOnClose: boolean;
  /** When a file with edits is saved by itself. */
  readonly autosave: "off" | "focus-loss";
  /** Whether editors take Vim's keys. */
  readonly vim: boolean;
  /** Whether long lines go on in the next row. */
  readonly wrap: boolean;
}

export const FONT_SIZE_MIN = 8;
export const FONT_SIZE_MAX = 32;
export const SCROLLBACK_MAX = 100_000;

export const DEFAULT_SETTINGS: Settings = {
  theme: "system",
  fontSize: 13,
  scrollback: 10_000,
  shellIntegration: true,
  backend: "keeper",
  reducedMotion: false,
  keepOnClose: false,
  autosave: "off",
  vim: false,
  wrap: false,
};

/** Keys in settings.json by setting. */
export const SETTING_KEYS: Readonly<Record<keyof Settings, string>> = {
  theme: "window.theme",
  fontSize: "terminal.fontSize",
  scrollback: "terminal.scrollback",
  shellIntegration: "terminal.shellIntegration",
  backend: "terminal.backend",
  reducedMotion: "window.reducedMotion",
  keepOnClose: "window.keepShellsOnClose",
  autosave: "editor.autosave",
  vim: "editor.vim",
  wrap: "editor.wrap",
};

/** Reads flat keys (`"terminal.fontSize": 14`). */
export function readSettings(values: Readonly<Record<string, unknown>>): Settings {
  const read = (name: keyof Settings): unknown => values[SETTING_KEYS[name]];
  return {
    theme: oneOf(read("theme"), ["system", "dark", "light", "contrast"], DEFAULT_SETTINGS.theme),
    fontSize: within(read("fontSize"), FONT_SIZE_MIN, FONT_SIZE_MAX, DEFAULT_SETTINGS.fontSize),
    scrollback: within(read("scrollback"), 0, SCROLLBACK_MAX, DEFAULT_SETTINGS.scrollback),
    shellIntegration: truth(read("shellIntegration"), DEFAULT_SETTINGS.shellIntegration),
    backend: oneOf(read("backend"), ["keeper", "node-pty"], DEFAULT_SETTINGS.backend),
    reducedMotion: truth(read("reducedMotion"), DEFAULT_SETTINGS.reducedMotion),
    keepOnClose: truth(read("keepOnClose"), DEFAULT_SETTINGS.keepOnClose),
    autosave: oneOf(read("autosave"), ["off", "focus-loss"], DEFAULT_SETTINGS.autosave),
    vim: truth(read("vim"), DEFAULT_SETTINGS.vim),
    wrap: truth(read("wrap"), DEFAULT_SETTINGS.wrap),
  };
}

/** The theme to draw: "system" follows the desktop. */
export function themeOf(choice: ThemeChoice, desktop: "dark" | "light"): Theme {
  return choice === "system" ? desktop : choice;
}

function oneOf<T extends string>(value: unknown, known: readonly T[], fallback: T): T {
  return known.find((item) => item === value) ?? fallback;
}

function within(value: unknown, min: number, max: number, fallback: number): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return fallback;
  return Math.min(max, Math.max(min, Math.round(value)));
}

function truth(value: unknown, fallback: boolean): boolean {
  return typeof value === "boolean" ? value : fallback;
}
