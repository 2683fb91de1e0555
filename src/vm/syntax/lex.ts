import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import { positionOf } from './position.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'slot' | 'punctuation' | 'end';
  /** As written; of a string, what stands between the quotes. */
  readonly text: string;
  /** Where it begins, in UTF-16 units from the start of the text. */
  readonly offset: number;
}

/** White space and `//` comments. */
const SKIPPED = /(?:\p{White_Space}|\/\/[^\n\r]*)*/uy;
const WORD = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const NUMBER = /[0-9]+/y;
/** A backslash takes the next character with it, so an escaped quote does not end the string. */
const STRING = /"((?:\\[^\n]|[^"\\])*)"/y;
const SLOT = /\?[_a-zA-Z][_a-zA-Z0-9]*/y;
/** Longest first: `==` before `=`. `=`, `/` and `%` are no part of the language; the parser says so better than the lexer. */
const PUNCTUATION = /::|==|!=|<=|>=|\|\||&&|[@.,;:(){}[\]<>+\-*/%!=]/y;

/** Cedar's tokens, ending with one of kind `end`. Strings keep their escapes: a pattern reads them otherwise than a string. */
export function lex(text: string): Result<readonly Token[], VmCode> {
  const lone = text.search(/\p{Surrogate}/u);
  if (lone >= 0) return refuse('vm-lex.not-unicode', { ...positionOf(text, lone) });

  const tokens: Token[] = [];
  let offset = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = offset;
    return pattern.exec(text);
  };
  for (;;) {
    offset += (match(SKIPPED)?.[0] ?? '').length;
    if (offset >= text.length) break;
    const token = readToken(match, offset);
    if (token === undefined) {
      const code = text[offset] === '"' ? 'vm-lex.unterminated-string' : 'vm-lex.unexpected-character';
      return refuse(code, { ...positionOf(text, offset) });
    }
    tokens.push(token);
    offset += token.kind === 'string' ? token.text.length + 2 : token.text.length;
  }
  tokens.push({ kind: 'end', text: '', offset });
  return ok(tokens);
}

function readToken(match: (pattern: RegExp) => RegExpExecArray | null, offset: number): Token | undefined {
  const word = match(WORD);
  if (word !== null) return { kind: 'word', text: word[0], offset };
  const punctuation = match(PUNCTUATION);
  if (punctuation !== null) return { kind: 'punctuation', text: punctuation[0], offset };
  const string = match(STRING);
  if (string !== null) return { kind: 'string', text: string[1] as string, offset };
  const number = match(NUMBER);
  if (number !== null) return { kind: 'number', text: number[0], offset };
  const slot = match(SLOT);
  if (slot !== null) return { kind: 'slot', text: slot[0], offset };
  return undefined;
}
