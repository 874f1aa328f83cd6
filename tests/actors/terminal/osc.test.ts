import fc from "fast-check";
import { expect, test } from "vitest";
import {
  COMMAND_CHARS_MAX,
  plain,
  readOsc,
  TITLE_CHARS_MAX,
} from "../../../actors/terminal/osc.ts";

const cases: ReadonlyArray<readonly [name: string, text: string, meaning: unknown]> = [
  ["OSC 0 is a title", "0;vim", { what: "title", title: "vim" }],
  ["OSC 2 is a title, semicolons included", "2;a;b", { what: "title", title: "a;b" }],
  ["OSC 1 (icon name) is nothing", "1;x", undefined],
  ["control characters leave a title", "0;a\u0000b\u009cc", { what: "title", title: "abc" }],
  ["a folder is percent-decoded", "7;file:///a%20b/%C3%BC", { what: "folder", folder: "/a b/ü" }],
  ["a folder of this host counts", "7;file://Here/x", { what: "folder", folder: "/x" }],
  ["a folder of localhost counts", "7;file://localhost/x", { what: "folder", folder: "/x" }],
  ["a folder of another host does not", "7;file://there/x", undefined],
  ["a broken percent code is no folder", "7;file:///%zz", undefined],
  ["a folder that is no file URI is nothing", "7;http://here/x", undefined],
  ["a relative folder is nothing", "7;file:x", undefined],
  ["OSC 9 is a notice", "9;done", { what: "notice", title: "", text: "done" }],
  ["ConEmu's progress is no notice", "9;4;1;50", undefined],
  ["an empty OSC 9 is nothing", "9;", undefined],
  [
    "OSC 777 is a notice with a title",
    "777;notify;T;a;b",
    { what: "notice", title: "T", text: "a;b" },
  ],
  ["OSC 777 of another verb is nothing", "777;precmd", undefined],
  ["133;A is a prompt", "133;A", { what: "prompt-start" }],
  ["133;A with parameters is a prompt", "133;A;k=i", { what: "prompt-start" }],
  ["133;B ends the prompt", "133;B", { what: "prompt-end" }],
  ["133;C starts a command", "133;C", { what: "command-start", command: undefined }],
  [
    "133;C may name it",
    "133;C;cmdline_url=make%20all",
    { what: "command-start", command: "make all" },
  ],
  ["133;D ends it with a code", "133;D;127", { what: "command-end", exitCode: 127 }],
  ["133;D without a code ends it", "133;D", { what: "command-end", exitCode: null }],
  ["a code that is no number is none", "133;D;x", { what: "command-end", exitCode: null }],
  ["633 is read like 133", "633;D;0", { what: "command-end", exitCode: 0 }],
  [
    "633;E names the command line, escapes undone",
    "633;E;echo a\\x3b b\\\\n\\x0ac;nonce",
    { what: "command-line", command: "echo a; b\\n\nc" },
  ],
  ["633;P is nothing", "633;P;Cwd=/x", undefined],
  ["a clipboard write is nothing", "52;c;aGk=", undefined],
  ["an empty OSC is nothing", "", undefined],
];

test.each(cases)("%s", (_name, text, meaning) => {
  expect(readOsc(text, "here")).toEqual(meaning);
});

test("texts are cut at their bounds", () => {
  const title = readOsc(`0;${"x".repeat(5000)}`, "here");
  expect(title).toEqual({ what: "title", title: "x".repeat(TITLE_CHARS_MAX) });
  const line = readOsc(`633;E;${"x".repeat(8000)}`, "here");
  expect(line).toEqual({ what: "command-line", command: "x".repeat(COMMAND_CHARS_MAX) });
});

test("anything can be read and nothing throws", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string().map((rest) => `633;E;${rest}`),
    fc.string().map((rest) => `7;file://${rest}`),
  );
  fc.assert(fc.property(text, (value) => void readOsc(value, "here")));
  expect(plain("a\u001bb", 10)).toBe("ab");
});
