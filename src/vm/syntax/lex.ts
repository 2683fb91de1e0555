import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';

/** What is wrong, and what to write instead, where that can be said. */
export interface Flaw {
  readonly code: VmCode;
  readonly suggestion?: string | undefined;
}

export interface Token {
  /** `invalid` stands for text that is no token, and fits nowhere. */
  readonly kind: 'word' | 'number' | 'string' | 'slot' | 'punctuation' | 'invalid' | 'end';
  /** As written; of a string, what stands between the quotes. */
  readonly text: string;
  /** Where it begins and ends, in UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly end: number;
  /** Of a token read as what was meant: `'a'` as `"a"`. */
  readonly flaw?: Flaw;
}

/** White space and `//` comments. */
const SKIPPED = /(?:\p{White_Space}|\/\/[^\n\r]*)*/uy;
/** Longest first: `==` before `=`. `=`, `/` and `%` are no part of the language; the parser says so better than the lexer. */
const TOKENS = [
  ['word', /([_a-zA-Z][_a-zA-Z0-9]*)/y],
  ['punctuation', /(::|==|!=|<=|>=|\|\||&&|\/(?!\*)|[@.,;:(){}[\]<>+\-*%!=])/y],
  // A backslash takes the next character with it, so an escaped quote does not end the string.
  ['string', /"((?:\\[^\n]|[^"\\])*)"/y],
  ['number', /([0-9]+)/y],
  ['slot', /(\?[_a-zA-Z][_a-zA-Z0-9]*)/y],
] as const;
/** Texts in other quotes, on one line. */
const OTHER_QUOTES = /'([^'"\\\n]*)'|[“”„]([^“”"\\\n]*)[“”]/y;
/** Comments of other languages, and a text without an end: what to skip of them. */
const NOT_CEDAR = /\/\*[\s\S]*?\*\/|\/\*[^\n\r]*|#[^\n\r]*|"[^\n\r]*/y;
/** What is typed, or made by a word processor, for an operator. */
const OTHER_OPERATORS = new Map([
  ['&', '&&'],
  ['|', '||'],
  ['≠', '!='],
  ['≤', '<='],
  ['≥', '>='],
  ['−', '-'],
  ['–', '-'],
]);

/**
 * Cedar's tokens, ending with one of kind `end`. Strings keep their escapes: a pattern reads them otherwise than a string. After
 * `problemsMax` flaws the text is as good as ended.
 */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const lone = text.search(/\p{Surrogate}/u);
  let offset = lone < 0 ? 0 : text.length;
  if (lone >= 0) tokens.push(invalid('vm-lex.not-unicode', '', lone));
  let flaws = 0;
  while (flaws < VM_LIMITS.problemsMax) {
    SKIPPED.lastIndex = offset;
    offset += (SKIPPED.exec(text)?.[0] ?? '').length;
    if (offset >= text.length) break;
    const token = readToken(text, offset) ?? readOther(text, offset);
    if (token.flaw !== undefined) flaws++;
    tokens.push(token);
    offset = token.end;
  }
  tokens.push({ kind: 'end', text: '', offset, end: offset });
  return tokens;
}

function readToken(text: string, offset: number): Token | undefined {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = offset;
    const match = pattern.exec(text);
    if (match !== null) return { kind, text: match[1] as string, offset, end: pattern.lastIndex };
  }
  return undefined;
}

function readOther(text: string, offset: number): Token {
  OTHER_QUOTES.lastIndex = offset;
  const quoted = OTHER_QUOTES.exec(text);
  const code = 'vm-lex.unexpected-character';
  if (quoted !== null) {
    const flaw: Flaw = { code, suggestion: 'texts stand in straight double quotes: `"`' };
    return { kind: 'string', text: quoted[1] ?? quoted[2] ?? '', offset, end: OTHER_QUOTES.lastIndex, flaw };
  }
  const character = String.fromCodePoint(text.codePointAt(offset) as number);
  const operator = OTHER_OPERATORS.get(character);
  const end = offset + character.length;
  if (operator !== undefined)
    return { kind: 'punctuation', text: operator, offset, end, flaw: { code, suggestion: `write \`${operator}\`` } };
  NOT_CEDAR.lastIndex = offset;
  const skipped = NOT_CEDAR.exec(text)?.[0] ?? character;
  return invalid(character === '"' ? 'vm-lex.unterminated-string' : code, skipped, offset);
}

function invalid(code: VmCode, text: string, offset: number): Token {
  const suggestion = /^(#|\/\*)/.test(text) ? 'a comment begins with `//`' : undefined;
  return { kind: 'invalid', text, offset, end: offset + text.length, flaw: { code, suggestion } };
}
