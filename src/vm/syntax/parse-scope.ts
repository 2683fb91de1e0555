import type { EntityUid } from '../values/value.ts';
import type { ScopeClause, SlotClause, TemplateScope } from './ast.ts';
import { parseEntityUid, parseTypeName } from './parse-name.ts';
import { didYouMean } from './suggest.ts';
import type { TokenReader } from './token-reader.ts';

const NOBODY: EntityUid = { kind: 'entity', type: '', id: '' };
const ONE_ENTITY = 'a scope names one entity; a list is for `when`: `principal in [User::"a", User::"b"]`';

/** Scope ::= '(' Principal ',' Action ',' Resource [','] ')' */
export function parseScope(tokens: TokenReader): TemplateScope {
  tokens.expect('(');
  const principal = parseClause(tokens, 'principal');
  expectComma(tokens);
  const action = parseActionClause(tokens);
  expectComma(tokens);
  const resource = parseClause(tokens, 'resource');
  tokens.take(',');
  if (!tokens.take(')')) tokens.unexpected([',', ')']);
  return { principal, action, resource };
}

function expectComma(tokens: TokenReader): void {
  if (!tokens.take(',')) tokens.unexpected([',', 'in', 'is']);
}

/** Clause ::= VAR ['==' Target | 'in' Target | 'is' Type ['in' Target]] */
function parseClause(tokens: TokenReader, variable: 'principal' | 'resource'): ScopeClause | SlotClause {
  const at = tokens.expect(variable);
  if (tokens.take('==') || tokens.takeMistaken('=')) {
    const uid = parseTarget(tokens, variable);
    return uid === undefined ? { kind: 'slot', operator: '==', entityType: undefined, at } : { kind: '==', at, uid };
  }
  const entityType = tokens.take('is') ? parseTypeName(tokens) : undefined;
  if (!tokens.take('in'))
    return entityType === undefined ? { kind: 'any', at } : { kind: 'is', at, entityType, within: undefined };
  const uid = parseTarget(tokens, variable);
  if (uid === undefined) return { kind: 'slot', operator: 'in', entityType, at };
  return entityType === undefined ? { kind: 'in', at, uids: [uid] } : { kind: 'is', at, entityType, within: uid };
}

/** Target ::= Entity | the variable's slot, in parentheses if one likes. Undefined for the slot. */
function parseTarget(tokens: TokenReader, variable: 'principal' | 'resource'): EntityUid | undefined {
  return tokens.inParentheses<EntityUid | undefined>(() => {
    const token = tokens.peek();
    if (token.text === '[') tokens.fail('vm-parse.unexpected-token', token, ONE_ENTITY);
    if (token.kind !== 'slot') return parseScopeUid(tokens);
    if (token.text !== `?${variable}`) tokens.note('vm-parse.misplaced-slot', token, didYouMean(`?${variable}`));
    tokens.next();
    return undefined;
  }, NOBODY);
}

/** An action is compared with actions alone, and may be in any of a list. */
function parseActionClause(tokens: TokenReader): ScopeClause {
  const at = tokens.expect('action');
  if (tokens.take('==') || tokens.takeMistaken('=')) {
    if (tokens.is('[')) tokens.fail('vm-parse.unexpected-token', tokens.peek(), 'write `in` before a list');
    return { kind: '==', at, uid: parseActionUid(tokens) };
  }
  if (tokens.is('is'))
    tokens.fail('vm-parse.unexpected-token', tokens.peek(), 'test the type of an action under `when`');
  if (!tokens.take('in')) return { kind: 'any', at };
  return tokens.inParentheses<ScopeClause>(
    () => {
      if (!tokens.take('[')) return { kind: 'in', at, uids: [parseActionUid(tokens)] };
      const uids: EntityUid[] = [];
      tokens.commaSeparated(']', () => uids.push(parseActionUid(tokens)));
      return { kind: 'in', at, uids };
    },
    { kind: 'any', at },
  );
}

const parseActionUid = (tokens: TokenReader): EntityUid =>
  tokens.inParentheses(() => {
    const token = tokens.peek();
    const uid = parseScopeUid(tokens);
    if (uid.type !== 'Action' && !uid.type.endsWith('::Action'))
      tokens.note('vm-parse.not-an-action', token, didYouMean(`Action::${JSON.stringify(uid.id)}`));
    return uid;
  }, NOBODY);

function parseScopeUid(tokens: TokenReader): EntityUid {
  const token = tokens.peek();
  if (token.kind === 'string')
    tokens.fail('vm-parse.unexpected-token', token, `name the type of the entity too: \`Type::"${token.text}"\``);
  return parseEntityUid(tokens);
}
