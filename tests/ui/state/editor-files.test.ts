/** What the editor knows of a file before it draws it: language, indentation, .editorconfig. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rulesFor } from "../../../ui/state/editor-config.ts";
import { detectIndentation } from "../../../ui/state/indentation.ts";
import { languageOfFirstLine, languageOfName } from "../../../ui/state/language-name.ts";

describe("the language of a file", () => {
  it.each([
    ["/w/Dockerfile.dev", "Dockerfile"],
    ["/home/me/.bashrc", "Shell"],
    ["Cargo.lock", "TOML"],
    [".editorconfig", "Properties files"],
    ["a/b.JSONC", "JSON"],
    ["notes.txt", ""],
    ["main.ts", undefined],
    ["noextension", undefined],
  ])("of the name %s is %s", (name, language) => {
    expect(languageOfName(name)).toBe(language);
  });

  it.each([
    ["#!/bin/sh", "Shell"],
    ["#!/usr/bin/env -S node --no-warnings", "JavaScript"],
    ["#!/usr/bin/env LANG=C python3.12", "Python"],
    ['<?xml version="1.0"?>', "XML"],
    ["<!DOCTYPE html>", "HTML"],
    ["diff --git a/x b/x", "diff"],
    ["#!/opt/strange", undefined],
    ["hello", undefined],
    ["", undefined],
  ])("of the first line %s is %s", (line, language) => {
    expect(languageOfFirstLine(line)).toBe(language);
  });
});

describe("indentation", () => {
  it.each([
    ["two spaces", "a\n  b\n    c\n  d\n", { unit: "space", size: 2 }],
    ["four spaces", "a\n    b\n        c\n", { unit: "space", size: 4 }],
    ["tabs", "a\n\tb\n\t\tc\n", { unit: "tab", size: 4 }],
    ["a block comment says nothing", "/*\n * a\n * b\n */\nx\n    y\n", { unit: "space", size: 4 }],
    ["nothing indented", "a\nb\n", undefined],
  ])("is found: %s", (_, text, found) => {
    expect(detectIndentation(text.split("\n"))).toEqual(found);
  });
});

describe(".editorconfig", () => {
  const root =
    "root = true\n[*]\nindent_style = space\nindent_size = 2\n[*.{go,mk}]\nindent_style=tab\n";

  it("lets the nearer file and the later section win, and stops at the root", () => {
    const files = [
      { folder: "/w/src", text: "[*.ts]\nindent_size = 4\n" },
      { folder: "/w", text: root },
      { folder: "/", text: "[*]\nindent_size = 8\ntrim_trailing_whitespace = true\n" },
    ];
    expect(rulesFor("/w/src/a.ts", files)).toEqual({ indentStyle: "space", indentSize: 4 });
    expect(rulesFor("/w/x.go", files.slice(1))).toEqual({ indentStyle: "tab", indentSize: 2 });
  });

  it.each([
    ["*.js", "a/b.js", true],
    ["lib/**.js", "lib/a/b.js", true],
    ["/*.js", "a/b.js", false],
    ["{package.json,*.yml}", ".github/x.yml", true],
    ["file{1..3}.txt", "file2.txt", true],
    ["file{1..3}.txt", "file4.txt", false],
    ["[!a]b", "cb", true],
    ["[!a]b", "ab", false],
    ["{single}", "{single}", true],
    ["a?c", "a/c", false],
  ])("reads the pattern %s for %s", (glob, path, fits) => {
    const rules = rulesFor(`/w/${path}`, [{ folder: "/w", text: `[${glob}]\ntab_width = 3\n` }]);
    expect(rules.tabWidth === 3).toBe(fits);
  });

  it("never fails on whatever a file holds", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."{}[]!*?,\\./=\n\u2028ab1-"), maxLength: 60 }),
        (text) => {
          rulesFor("/w/a.ts", [{ folder: "/w", text: `[${text}]\n${text}` }]);
        },
      ),
    );
  });
});
