import { parseTypeName } from '../syntax/parse-name.ts';
import type { SchemaTokens } from './schema-tokens.ts';
import type { WrittenName, WrittenRecord, WrittenType } from './written.ts';

/** Type ::= 'Set' '<' Type '>' | Record | Path */
export function parseType(tokens: SchemaTokens): WrittenType {
  const at = tokens.peek().offset;
  const nothing: WrittenType = { kind: 'record', attributes: new Map(), at };
  return tokens.nested(() => {
    if (tokens.is('{')) return parseRecord(tokens);
    // `Set` alone is a name: an entity type may be called so.
    if (!tokens.is('Set') || tokens.peek(1).text !== '<') return { kind: 'name', ...parsePath(tokens) };
    tokens.next();
    tokens.expect('<');
    const element = parseType(tokens);
    tokens.expect('>');
    return { kind: 'set', element, at };
  }, nothing);
}

/** Record ::= '{' [Attribute {',' Attribute} [',']] '}'; Attribute ::= {Annotation} (IDENT | STR) ['?'] ':' Type */
export function parseRecord(tokens: SchemaTokens): WrittenRecord {
  const at = tokens.peek().offset;
  tokens.expect('{');
  const attributes = new Map<string, { type: WrittenType; required: boolean }>();
  while (!tokens.is('}') && !tokens.atEnd) {
    skipAnnotations(tokens);
    const name = tokens.identifierOrString();
    const required = !tokens.take('?');
    tokens.expect(':');
    attributes.set(name, { type: parseType(tokens), required });
    if (!tokens.take(',')) break;
  }
  tokens.expect('}');
  return { kind: 'record', attributes, at };
}

/** Path ::= IDENT {'::' IDENT}. A string after the last `::` is not taken: it is an action's. */
export function parsePath(tokens: SchemaTokens): WrittenName {
  const at = tokens.peek().offset;
  return { name: parseTypeName(tokens), at };
}

/** Annotation ::= '@' word ['(' STR ')']. They say nothing to the engine, but none may stand twice. */
export function skipAnnotations(tokens: SchemaTokens): void {
  const seen = new Set<string>();
  while (tokens.take('@')) {
    const { offset: at } = tokens.peek();
    const name = tokens.anyWord();
    if (seen.has(name)) tokens.problems.add('vm-parse.duplicate-annotation', at, { name });
    seen.add(name);
    if (!tokens.take('(')) continue;
    tokens.string();
    tokens.expect(')');
  }
}
