/** Writes a filter tree as text; parsing that text gives the same tree. */
import type { FilterNode } from "./ast.ts";
import { isPlainWord } from "./lexer.ts";

/** The text of a filter, with only the brackets it needs. */
export function printFilter(node: FilterNode): string {
  switch (node.type) {
    case "all":
      return "";
    case "word":
      return printText(node.text, node.quoted);
    case "has":
      return `has ${node.field}`;
    case "compare":
      return `${node.field} ${node.operator} ${printText(node.value.text, node.value.quoted)}`;
    case "not":
      return `not ${bracketed(node.inner, ["and", "or"])}`;
    case "and":
      return `${bracketed(node.left, ["or"])} and ${bracketed(node.right, ["and", "or"])}`;
    case "or":
      return `${printFilter(node.left)} or ${bracketed(node.right, ["or"])}`;
    default:
      return node satisfies never;
  }
}

/** A value as it stands in a filter: bare where that is possible, else in quotes. */
export function printValue(text: string): string {
  return printText(text, !isPlainWord(text));
}

function printText(text: string, quoted: boolean): string {
  return quoted
    ? `"${text.replaceAll(/\\[\s\S]|"/g, (each) => (each === '"' ? '\\"' : each))}"`
    : text;
}

function bracketed(node: FilterNode, types: ReadonlyArray<FilterNode["type"]>): string {
  return types.includes(node.type) ? `(${printFilter(node)})` : printFilter(node);
}
