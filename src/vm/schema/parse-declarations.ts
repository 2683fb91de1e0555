import { parsePath, parseRecord, parseType, skipAnnotations } from './parse-type.ts';
import type { SchemaTokens } from './schema-tokens.ts';
import type {
  WrittenAction,
  WrittenActionName,
  WrittenAppliesTo,
  WrittenEntity,
  WrittenName,
  WrittenNamespace,
  WrittenType,
} from './written.ts';

const emptyNamespace = (name: string, at: number): WrittenNamespace => ({
  name,
  at,
  entities: [],
  actions: [],
  types: [],
});

/** Schema ::= {{Annotation} (Namespace | Declaration)}. The first is the empty namespace, with all that stands outside any. */
export function parseDeclarations(tokens: SchemaTokens): readonly WrittenNamespace[] {
  const outside = emptyNamespace('', 0);
  const namespaces = [outside];
  while (!tokens.atEnd) {
    skipAnnotations(tokens);
    if (tokens.take('namespace')) namespaces.push(parseNamespace(tokens));
    else parseDeclaration(tokens, outside);
    tokens.recover();
  }
  return namespaces;
}

/** Namespace ::= 'namespace' Path '{' {{Annotation} Declaration} '}' */
function parseNamespace(tokens: SchemaTokens): WrittenNamespace {
  const { name, at } = parsePath(tokens);
  const namespace = emptyNamespace(name, at);
  tokens.expect('{');
  while (!tokens.is('}') && !tokens.atEnd) {
    skipAnnotations(tokens);
    parseDeclaration(tokens, namespace);
    tokens.recover();
  }
  // Where an earlier problem swallowed the brace, its absence is not another one.
  if (!tokens.atEnd || tokens.problems.isEmpty) tokens.expect('}');
  return namespace;
}

function parseDeclaration(tokens: SchemaTokens, into: WrittenNamespace): void {
  if (tokens.take('entity')) into.entities.push(parseEntity(tokens));
  else if (tokens.take('action')) into.actions.push(parseAction(tokens));
  else if (tokens.take('type')) {
    const name = declaredName(tokens);
    tokens.expect('=');
    into.types.push({ ...name, type: parseType(tokens) });
  } else tokens.fail('vm-parse.unexpected-token');
  tokens.expect(';');
}

function declaredName(tokens: SchemaTokens): WrittenName {
  const at = tokens.peek().offset;
  return { name: tokens.identifier(), at };
}

/** Entity ::= Idents ('enum' '[' STRs ']' | ['in' Types] [['='] Record] ['tags' Type]) */
function parseEntity(tokens: SchemaTokens): WrittenEntity {
  const names = tokens.list(() => declaredName(tokens));
  const noAttributes = { kind: 'record', attributes: new Map(), at: tokens.peek().offset } as const;
  if (tokens.take('enum')) {
    tokens.expect('[');
    const ids = tokens.list(() => tokens.string());
    tokens.expect(']');
    return { names, parents: [], attributes: noAttributes, tags: undefined, ids };
  }
  const parents = tokens.take('in') ? parseTypes(tokens) : [];
  const attributes = tokens.take('=') || tokens.is('{') ? parseRecord(tokens) : noAttributes;
  const tags = tokens.take('tags') ? parseType(tokens) : undefined;
  return { names, parents, attributes, tags, ids: undefined };
}

/** Types ::= Path | '[' [Path {',' Path}] ']' */
function parseTypes(tokens: SchemaTokens): readonly WrittenName[] {
  if (!tokens.take('[')) return [parsePath(tokens)];
  const types = tokens.is(']') ? [] : tokens.list(() => parsePath(tokens));
  tokens.expect(']');
  return types;
}

/** Action ::= Names ['in' ActionNames] ['appliesTo' '{' … '}'] ['attributes' '{' '}'] */
function parseAction(tokens: SchemaTokens): WrittenAction {
  const names = tokens.list(() => ({ at: tokens.peek().offset, name: tokens.identifierOrString() }));
  const parents = tokens.take('in') ? parseActionNames(tokens) : [];
  const appliesTo = tokens.take('appliesTo') ? parseAppliesTo(tokens) : undefined;
  if (tokens.take('attributes')) {
    tokens.expect('{');
    tokens.expect('}');
  }
  return { names, parents, appliesTo };
}

/** ActionNames ::= ActionName | '[' ActionName {',' ActionName} ']' */
function parseActionNames(tokens: SchemaTokens): readonly WrittenActionName[] {
  if (!tokens.take('[')) return [parseActionName(tokens)];
  const names = tokens.list(() => parseActionName(tokens));
  tokens.expect(']');
  return names;
}

/** ActionName ::= IDENT | STR | Path '::' STR */
function parseActionName(tokens: SchemaTokens): WrittenActionName {
  const { kind, offset: at } = tokens.peek();
  if (kind === 'string') return { type: undefined, name: tokens.string(), at };
  const path = parsePath(tokens).name;
  if (tokens.take('::')) return { type: path, name: tokens.string(), at };
  // `A::b` names a type; an action of a namespace is `A::Action::"b"`.
  if (path.includes('::')) tokens.fail('vm-parse.unexpected-token');
  return { type: undefined, name: path, at };
}

/** '{' Clause {',' Clause} [','] '}'; Clause ::= ('principal' | 'resource') ':' Types | 'context' ':' (Path | Record) */
function parseAppliesTo(tokens: SchemaTokens): WrittenAppliesTo {
  const at = tokens.peek().offset;
  const types = new Map<string, readonly WrittenName[]>();
  let context: WrittenType | undefined;
  tokens.expect('{');
  do {
    const { text: clause, offset } = tokens.peek();
    if (types.has(clause) || (clause === 'context' && context !== undefined))
      tokens.problems.add('vm-schema.duplicate-clause', offset, { name: clause });
    if (tokens.take('context')) {
      tokens.expect(':');
      context = tokens.is('{') ? parseRecord(tokens) : { kind: 'name', ...parsePath(tokens) };
    } else {
      if (!tokens.take('principal')) tokens.expect('resource');
      tokens.expect(':');
      types.set(clause, parseTypes(tokens));
    }
  } while (tokens.take(',') && !tokens.is('}'));
  tokens.expect('}');
  const [principals, resources] = [types.get('principal') ?? [], types.get('resource') ?? []];
  if (tokens.failed) return { principals, resources, context };
  if (principals.length === 0) tokens.problems.add('vm-schema.applies-to-nothing', at, { name: 'principal' });
  if (resources.length === 0) tokens.problems.add('vm-schema.applies-to-nothing', at, { name: 'resource' });
  return { principals, resources, context };
}
