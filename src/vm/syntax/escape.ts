/** What would not be seen, or would change how its neighbours are seen, is written by its number (Unicode TR 36; CVE-2021-42574). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const ESCAPED = /["\\\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const SHORT = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\0', '\\0'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

const escaped = (text: string): string =>
  text.replace(ESCAPED, (character) => SHORT.get(character) ?? `\\u{${character.charCodeAt(0).toString(16)}}`);

/** A text as a string literal, with its quotes. */
export const quote = (text: string): string => `"${escaped(text)}"`;

/** A pattern as a literal: a star is a wildcard between two parts, and a star within one is escaped. */
export const quotePattern = (parts: readonly string[]): string =>
  `"${parts.map((part) => escaped(part).replaceAll('*', '\\*')).join('*')}"`;
