import type { Problems } from './problems.ts';

export interface SchemaToken {
  readonly kind: 'word' | 'number' | 'string' | 'punctuation' | 'end';
  /** As written; of a string, what stands between the quotes. */
  readonly text: string;
  readonly offset: number;
}

/** White space and `//` comments. */
const SKIPPED = /(?:\p{White_Space}|\/\/[^\n\r]*)*/uy;
const WORD = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const NUMBER = /[0-9]+/y;
/** A backslash takes the next character with it, so an escaped quote does not end the string. */
const STRING = /"((?:\\[^\n]|[^"\\])*)"/y;
const PUNCTUATION = /::|[,;:{}[\]<>=?@()]/y;
const REST_OF_LINE = /[^\n]*/y;
const CHARACTER = /./suy;

/** The tokens of a schema, ending with one of kind `end`. What begins no token is a problem, and left out. */
export function lexSchema(text: string, problems: Problems): readonly SchemaToken[] {
  const tokens: SchemaToken[] = [];
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
      const opensString = text[offset] === '"';
      problems.add(opensString ? 'vm-lex.unterminated-string' : 'vm-lex.unexpected-character', offset);
      offset += (match(opensString ? REST_OF_LINE : CHARACTER)?.[0] ?? '').length;
      continue;
    }
    tokens.push(token);
    offset += token.kind === 'string' ? token.text.length + 2 : token.text.length;
  }
  tokens.push({ kind: 'end', text: '', offset });
  return tokens;
}

function readToken(match: (pattern: RegExp) => RegExpExecArray | null, offset: number): SchemaToken | undefined {
  const word = match(WORD);
  if (word !== null) return { kind: 'word', text: word[0], offset };
  const punctuation = match(PUNCTUATION);
  if (punctuation !== null) return { kind: 'punctuation', text: punctuation[0], offset };
  const string = match(STRING);
  if (string !== null) return { kind: 'string', text: string[1] as string, offset };
  const number = match(NUMBER);
  return number === null ? undefined : { kind: 'number', text: number[0], offset };
}
