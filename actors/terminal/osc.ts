/** What operating system commands (OSC) of a program mean to the terminal actor. */
import { readCommandLine } from "../../bus/contracts/command-blocks.ts";

/** One understood command. */
export type OscMeaning =
  | { readonly what: "title"; readonly title: string }
  | { readonly what: "folder"; readonly folder: string }
  | { readonly what: "notice"; readonly title: string; readonly text: string }
  | { readonly what: "command-line"; readonly command: string }
  | { readonly what: "prompt-start" }
  | { readonly what: "prompt-end" }
  | { readonly what: "command-start"; readonly command: string | undefined }
  | { readonly what: "command-end"; readonly exitCode: number | null };

/** Characters kept of a title. */
export const TITLE_CHARS_MAX = 1024;
/** Characters kept of a notice's text and of a command line. */
const NOTICE_CHARS_MAX = 1024;
const NOTICE_TITLE_CHARS_MAX = 200;
export const COMMAND_CHARS_MAX = 4096;
const FOLDER_CHARS_MAX = 4096;

/**
 * The meaning of the text between `ESC ]` and its end mark.
 * @param hostName name of this machine: folders of other hosts are not ours.
 * @returns undefined for commands that are no business of the actor.
 */
export function readOsc(text: string, hostName: string): OscMeaning | undefined {
  const split = text.indexOf(";");
  const code = split < 0 ? text : text.slice(0, split);
  const rest = split < 0 ? "" : text.slice(split + 1);
  switch (code) {
    case "0":
    case "2":
      return { what: "title", title: plain(rest, TITLE_CHARS_MAX) };
    case "7":
      return folder(rest, hostName);
    case "9":
      return plainNotice(rest);
    case "777":
      return titledNotice(rest);
    case "133":
      return mark(rest);
    case "633":
      return rest.startsWith("E;") ? commandLine(rest.slice(2)) : mark(rest);
    default:
      return undefined;
  }
}

/** Text without control characters, at most `max` characters. */
export function plain(text: string, max: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/gu, "").slice(0, max);
}

function folder(uri: string, hostName: string): OscMeaning | undefined {
  const match = /^file:\/\/([^/]*)(\/.*)$/su.exec(uri);
  const host = match?.[1] ?? "";
  const path = match?.[2];
  if (path === undefined || !isHere(host, hostName)) return undefined;
  const decoded = percentDecode(path);
  return decoded === undefined ? undefined : { what: "folder", folder: decoded };
}

function isHere(host: string, hostName: string): boolean {
  return host === "" || host === "localhost" || host.toLowerCase() === hostName.toLowerCase();
}

function percentDecode(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.length > FOLDER_CHARS_MAX || decoded.includes("\0") ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** `OSC 9 ; text`; a number first is one of ConEmu's commands (progress, folder), no notice. */
function plainNotice(rest: string): OscMeaning | undefined {
  if (/^\d+(;|$)/u.test(rest) || rest === "") return undefined;
  return { what: "notice", title: "", text: plain(rest, NOTICE_CHARS_MAX) };
}

function titledNotice(rest: string): OscMeaning | undefined {
  const [verb, title = "", ...body] = rest.split(";");
  if (verb !== "notify") return undefined;
  return {
    what: "notice",
    title: plain(title, NOTICE_TITLE_CHARS_MAX),
    text: plain(body.join(";"), NOTICE_CHARS_MAX),
  };
}

function mark(rest: string): OscMeaning | undefined {
  const [letter, ...parameters] = rest.split(";");
  switch (letter) {
    case "A":
      return { what: "prompt-start" };
    case "B":
      return { what: "prompt-end" };
    case "C":
      return { what: "command-start", command: commandOf(parameters) };
    case "D":
      return { what: "command-end", exitCode: exitCodeOf(parameters[0]) };
    default:
      return undefined;
  }
}

/** Some shells name the command line in the mark itself: `C;cmdline_url=make%20all`. */
function commandOf(parameters: readonly string[]): string | undefined {
  for (const parameter of parameters) {
    if (parameter.startsWith("cmdline_url=")) {
      const command = percentDecode(parameter.slice("cmdline_url=".length));
      return command === undefined ? undefined : plain(command, COMMAND_CHARS_MAX);
    }
  }
  return undefined;
}

function exitCodeOf(text: string | undefined): number | null {
  if (text === undefined || !/^-?\d{1,10}$/u.test(text)) return null;
  return Number(text);
}

/** `E;command line;nonce`. */
function commandLine(rest: string): OscMeaning {
  return { what: "command-line", command: keepLines(readCommandLine(rest)) };
}

function keepLines(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a command may have lines and tabs, nothing else.
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/gu, "").slice(0, COMMAND_CHARS_MAX);
}
