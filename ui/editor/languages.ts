/** The language of a file, loaded when a file of it is opened: every language is a chunk of its own. */
import { LanguageDescription, type LanguageSupport } from "@codemirror/language";
import { languages } from "@codemirror/language-data";
import { languageOfFirstLine, languageOfName } from "../state/language-name.ts";

/** What is said of a file in no language that is known. */
export const PLAIN_TEXT = "Plain text";

/** Undefined: plain text. */
export function describeLanguage(path: string, firstLine: string): LanguageDescription | undefined {
  const byName = languageOfName(path);
  if (byName === "") return undefined;
  const named = byName === undefined ? undefined : exactly(byName);
  if (named !== undefined) return named;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const known = LanguageDescription.matchFilename(languages, name);
  if (known !== null) return known;
  const byLine = languageOfFirstLine(firstLine);
  return byLine === undefined ? undefined : exactly(byLine);
}

/** Names a person can choose from, in the order of the alphabet. */
export function languageNames(): readonly string[] {
  return [PLAIN_TEXT, ...languages.map(({ name }) => name).sort((a, b) => a.localeCompare(b))];
}

export function languageByName(name: string): LanguageDescription | undefined {
  return exactly(name);
}

/** Undefined when its chunk cannot be had: the text is shown without colours. */
export async function loadLanguage(
  language: LanguageDescription,
): Promise<LanguageSupport | undefined> {
  try {
    return await language.load();
  } catch {
    return undefined;
  }
}

function exactly(name: string): LanguageDescription | undefined {
  return languages.find((language) => language.name === name);
}
