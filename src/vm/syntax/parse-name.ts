import { type EntityUid, entity } from '../values/value.ts';
import type { AnyToken, Cursor } from './cursor.ts';
import type { TokenReader } from './token-reader.ts';

/** Type ::= IDENT {'::' IDENT}. What follows the last `::` is not taken where it is no word. */
export function parseTypeName(tokens: Cursor<AnyToken>): string {
  let name = tokens.identifier();
  while (tokens.is('::') && tokens.peek(1).kind === 'word') {
    tokens.next();
    name += `::${tokens.identifier()}`;
  }
  return name;
}

/** Entity ::= Type '::' STR */
export function parseEntityUid(tokens: TokenReader): EntityUid {
  const type = parseTypeName(tokens);
  tokens.expect('::');
  return entity(type, tokens.string());
}
