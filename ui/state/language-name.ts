/** Which language a file is in, by its name and its first line, where the list of @codemirror/language-data is silent. */

/** By the whole name of a file. */
const BY_NAME: ReadonlyArray<readonly [pattern: RegExp, language: string]> = [
  [/^(Dockerfile|Containerfile)(\..+)?$/i, "Dockerfile"],
  [/^\.(ba|z|k|c)?sh(rc|env)$|^\.(bash_)?(profile|login|logout|aliases)$|^\.zprofile$/, "Shell"],
  [/^\.envrc$|^APKBUILD$/, "Shell"],
  [
    /^\.(editorconfig|gitconfig|gitmodules|npmrc|curlrc|wgetrc|hgrc|flake8|pylintrc)$/,
    "Properties files",
  ],
  [/^(Cargo|uv|poetry|Gopkg)\.lock$|^Pipfile$/, "TOML"],
  [/^(flake|composer|deno|bun)\.lock$|^\.(babelrc|eslintrc|prettierrc|swcrc|jshintrc)$/, "JSON"],
  [/^(\.clang-format|\.clang-tidy|\.yamllint)$/, "YAML"],
  [/^(Vagrantfile|Brewfile|Podfile|Fastfile|.+\.gemspec|.+\.rake)$/, "Ruby"],
  [/^(SConstruct|SConscript|wscript)$/, "Python"],
];

const BY_EXTENSION: Readonly<Record<string, string>> = {
  jsonc: "JSON",
  json5: "JSON",
  webmanifest: "JSON",
  ipynb: "JSON",
  geojson: "JSON",
  har: "JSON",
  zsh: "Shell",
  fish: "Shell",
  bats: "Shell",
  m: "Objective-C",
  pyi: "Python",
  mdx: "Markdown",
  xhtml: "HTML",
  svelte: "HTML",
  plist: "XML",
  rss: "XML",
  wsdl: "XML",
  csproj: "XML",
  service: "Properties files",
  desktop: "Properties files",
  conf: "Properties files",
  cfg: "Properties files",
  cuh: "C++",
  cu: "C++",
  ixx: "C++",
  tpp: "C++",
  sbt: "Scala",
  text: "",
  txt: "",
  log: "",
};

/** By the program of a `#!` line. */
const BY_PROGRAM: ReadonlyArray<readonly [pattern: RegExp, language: string]> = [
  [/^(ba|da|z|k|a|fi)?sh$|^bats$/, "Shell"],
  [/^(python|pypy)[\d.]*$|^uv$/, "Python"],
  [/^(node|bun)$/, "JavaScript"],
  [/^(deno|tsx|ts-node)$/, "TypeScript"],
  [/^ruby[\d.]*$/, "Ruby"],
  [/^perl[\d.]*$/, "Perl"],
  [/^php[\d.]*$/, "PHP"],
  [/^lua[\d.]*$/, "Lua"],
  [/^(tclsh|wish)[\d.]*$/, "Tcl"],
  [/^Rscript$/, "R"],
  [/^julia$/, "Julia"],
  [/^groovy$/, "Groovy"],
  [/^(runhaskell|runghc)$/, "Haskell"],
  [/^pwsh$/, "PowerShell"],
];

const BY_FIRST_LINE: ReadonlyArray<readonly [pattern: RegExp, language: string]> = [
  [/^\s*<\?xml\b/, "XML"],
  [/^\s*<!doctype html\b|^\s*<html\b/i, "HTML"],
  [/^<\?php\b/, "PHP"],
  [/^diff --git |^--- a\/|^Index: /, "diff"],
  [/^%YAML\b|^---\s*$/, "YAML"],
  [/^-----BEGIN PGP /, "PGP"],
];

/** Characters of a first line that are looked at. */
export const FIRST_LINE_MAX = 400;

/** By the name alone; an empty string is plain text, undefined is "not known". */
export function languageOfName(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const whole = BY_NAME.find(([pattern]) => pattern.test(name));
  if (whole !== undefined) return whole[1];
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : BY_EXTENSION[extension];
}

/** By a `#!` line, a mode line of an editor, or a form that only one language begins with. */
export function languageOfFirstLine(line: string): string | undefined {
  const text = line.slice(0, FIRST_LINE_MAX);
  const program = programOf(text);
  if (program !== undefined) return find(BY_PROGRAM, program);
  return find(BY_FIRST_LINE, text);
}

/** `#!/usr/bin/env -S node --flag` names node. */
function programOf(line: string): string | undefined {
  if (!line.startsWith("#!")) return undefined;
  const words = line.slice(2).trim().split(/\s+/);
  const first = words[0]?.split("/").at(-1);
  if (first !== "env") return first;
  return words
    .slice(1)
    .find((word) => !word.startsWith("-") && !word.includes("="))
    ?.split("/")
    .at(-1);
}

function find(
  table: ReadonlyArray<readonly [pattern: RegExp, language: string]>,
  text: string,
): string | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
