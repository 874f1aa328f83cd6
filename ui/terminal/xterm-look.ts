/** Colours and options of xterm by theme (ux.md section 2). */
import type { ITerminalOptions, ITheme } from "@xterm/xterm";
import type { Settings, Theme } from "../state/settings.ts";

const DARK_16 = [
  "#3b4550 #ff8a80 #7fce8f #e6b450 #6cb8f7 #d3a1f2 #63cfd0 #c9d1d9",
  "#8f9ba7 #ffb0a8 #a4e3b0 #f5d27f #9fd2ff #e6c4fb #97e6e6 #ffffff",
];
const LIGHT_16 = [
  "#1a2129 #b0211b #1f6b35 #7d5200 #0a5fb4 #8a2ea8 #0b6770 #59646f",
  "#4d5965 #9c1610 #175c2c #6b4600 #084c92 #72218c #08555d #3c4650",
];
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** Reads surface, text and selection from the sheet, so the two never differ. */
export function xtermTheme(theme: Theme, style: CSSStyleDeclaration): ITheme {
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ...sixteen(theme === "light" ? LIGHT_16 : DARK_16),
    background: token("surface"),
    foreground: token("text"),
    cursor: token("text"),
    cursorAccent: token("surface"),
    selectionBackground: token("select"),
    selectionInactiveBackground: token("select"),
    scrollbarSliderBackground: `${token("edge")}66`,
    scrollbarSliderHoverBackground: `${token("edge")}99`,
    scrollbarSliderActiveBackground: token("edge"),
    overviewRulerBorder: token("surface"),
  };
}

/** Everything but the theme. */
export function xtermOptions(settings: Settings): ITerminalOptions {
  return {
    allowProposedApi: true,
    fontFamily: '"JetBrains Mono", "Symbols Nerd Font Mono", "DejaVu Sans Mono", monospace',
    fontSize: settings.fontSize,
    fontWeightBold: 700,
    lineHeight: 1,
    letterSpacing: 0,
    scrollback: settings.scrollback,
    minimumContrastRatio: 4.5,
    drawBoldTextInBrightColors: false,
    cursorBlink: false,
    cursorStyle: "block",
    cursorInactiveStyle: "outline",
    scrollOnUserInput: true,
    rightClickSelectsWord: false,
    screenReaderMode: false,
  };
}

/** Colours of search hits. */
export function searchColours(style: CSSStyleDeclaration): {
  matchBackground: string;
  activeMatchBackground: string;
  activeMatchBorder: string;
  matchOverviewRuler: string;
  activeMatchColorOverviewRuler: string;
} {
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    matchBackground: token("select"),
    activeMatchBackground: token("warnbg"),
    activeMatchBorder: token("warn"),
    matchOverviewRuler: token("edge"),
    activeMatchColorOverviewRuler: token("warn"),
  };
}

function sixteen(rows: readonly string[]): ITheme {
  const colours = rows.join(" ").split(" ");
  const theme: Record<string, string> = {};
  NAMES.forEach((name, index) => {
    theme[name] = colours[index] ?? "";
    theme[`bright${name.charAt(0).toUpperCase()}${name.slice(1)}`] = colours[index + 8] ?? "";
  });
  return theme;
}
