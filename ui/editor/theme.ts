/** How text of files looks: every colour is a token of ui/theme.css, so that a change of theme needs no new editor. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags as t } from "@lezer/highlight";

/** Colours of syntax, ux.md section 2; whatever is not named stays in the colour of text. */
const SYNTAX = HighlightStyle.define([
  {
    tag: [t.keyword, t.operatorKeyword, t.modifier, t.self, t.null, t.atom, t.bool],
    color: "var(--syntax-keyword)",
  },
  {
    tag: [t.string, t.special(t.string), t.regexp, t.character, t.attributeValue, t.inserted],
    color: "var(--syntax-string)",
  },
  {
    tag: [t.number, t.unit, t.color, t.escape, t.constant(t.name), t.special(t.variableName)],
    color: "var(--syntax-number)",
  },
  { tag: [t.comment, t.meta, t.processingInstruction], color: "var(--syntax-comment)" },
  {
    tag: [
      t.function(t.variableName),
      t.function(t.propertyName),
      t.function(t.definition(t.variableName)),
      t.macroName,
      t.labelName,
      t.heading,
    ],
    color: "var(--syntax-function)",
  },
  {
    tag: [t.typeName, t.className, t.namespace, t.tagName, t.attributeName, t.annotation],
    color: "var(--syntax-type)",
  },
  { tag: [t.invalid, t.deleted], color: "var(--syntax-invalid)" },
  { tag: t.heading, fontWeight: "700" },
  { tag: t.strong, fontWeight: "700" },
  { tag: t.emphasis, fontStyle: "italic" },
  { tag: t.strikethrough, textDecoration: "line-through" },
  { tag: [t.link, t.url], color: "var(--accent)" },
]);

/** Ground, text, cursor, selection and gutters: 13/20 of the mono face. */
const LOOK = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-mono)",
    fontSize: "var(--editor-size, 13px)",
    lineHeight: "var(--editor-line, 20px)",
    fontVariantLigatures: "none",
  },
  ".cm-content": { padding: "0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 8px 0 4px" },
  ".cm-cursor, .cm-dropCursor": { borderLeft: "2px solid var(--text)", marginLeft: "-1px" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground":
    { background: "var(--select)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--dim)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "36px", padding: "0 8px 0 8px" },
  ".cm-activeLine": { backgroundColor: "transparent", boxShadow: "inset 0 0 0 1px var(--line)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)" },
  "&:not(.cm-focused) .cm-activeLine": { boxShadow: "none" },
  ".cm-foldGutter .cm-gutterElement": { width: "14px", cursor: "default" },
  ".cm-foldPlaceholder": {
    margin: "0 4px",
    padding: "0 6px",
    border: "1px solid var(--edge)",
    borderRadius: "var(--radius-control)",
    background: "var(--raised)",
    color: "var(--dim)",
  },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": {
    background: "transparent",
    outline: "1px solid var(--edge)",
  },
  "&.cm-focused .cm-nonmatchingBracket, .cm-nonmatchingBracket": {
    background: "transparent",
    outline: "1px solid var(--error)",
  },
  ".cm-selectionMatch": { background: "transparent", outline: "1px solid var(--line)" },
  ".cm-searchMatch": { background: "var(--warnbg)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch.cm-searchMatch-selected": {
    background: "var(--select)",
    outline: "2px solid var(--accent)",
  },
  ".cm-specialChar": { color: "var(--error)" },
  ".cm-trailingSpace": { background: "transparent" },
  ".cm-panels": { background: "var(--raised)", color: "var(--text)", border: "none" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-tooltip": {
    border: "1px solid var(--line)",
    borderRadius: "var(--radius-float)",
    background: "var(--raised)",
    color: "var(--text)",
    boxShadow: "var(--shadow)",
    font: "var(--small)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--font-mono)",
    maxHeight: "none",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    height: "24px",
    padding: "0 12px",
    lineHeight: "24px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--select)",
    color: "var(--text)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: "var(--dim)", fontStyle: "normal" },
});

/** Look and syntax colours of an editor or a diff. */
export function editorTheme(): Extension {
  return [LOOK, syntaxHighlighting(SYNTAX)];
}
