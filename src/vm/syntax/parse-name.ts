import { type EntityUid, entity } from '../values/value.ts';
import type { TokenReader } from './token-reader.ts';

/** Type ::= IDENT {'::' IDENT} */
export function parseTypeName(tokens: TokenReader): string {
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
