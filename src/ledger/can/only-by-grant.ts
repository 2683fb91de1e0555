import { assert } from '../../base/assert.ts';
import type { PolicySet } from '../../vm/index.ts';
import { entity } from '../../vm/index.ts';
import type { Expression, ParsedPolicy, ScopeClause } from '../../vm/syntax/ast.ts';
import type { LedgerEnv } from '../chain.ts';
import { policiesOf } from '../policies.ts';
import { readPolicyTrees } from '../policy/read-policies.ts';
import { actionEntity, schemaOf } from '../policy/schema-of.ts';
import type { StateReader } from '../state/table.ts';

/*
 * Who need not be asked. Where every permit to read says that the reader owns the record, acts for its owner, or that a grant stands
 * under the question's key, nobody else can be permitted: `&&` with a false part is never true. It is read from the policies as they stand;
 * where one of them opens in another way, everybody is asked.
 */

const READ = entity('Action', 'readRecord');
/** What a reader, and an owner, can be: `uidOf`. */
const PRINCIPALS: ReadonlySet<string> = new Set([
  'Patient',
  'Practitioner',
  'Administrator',
  'Payer',
  'Hospital',
  'Stranger',
]);
/** Every attribute that one of these has (docs/specification/entities.md). */
const ATTRIBUTES: ReadonlySet<string> = new Set(['role', 'status', 'home', 'acting', 'tier', 'validator']);

const known = new WeakMap<PolicySet, boolean>();

/** Whether these policies let nobody read but the owner and whom a grant covers. Read once for each set. */
export function opensOnlyByGrant(env: LedgerEnv, state: StateReader): boolean {
  const set = policiesOf(env, state);
  const before = known.get(set);
  if (before !== undefined) return before;
  const groups = actionEntity(schemaOf(env), READ)?.parents ?? [];
  const answer = set.policies.every(({ text }) => {
    const read = readPolicyTrees(text);
    assert(read.ok, 'a policy of the state parses alone');
    return read.value.every((policy) => couldNotPermitRead(policy, groups.length > 0) || needsOwnerOrGrant(policy));
  });
  known.set(set, answer);
  return answer;
}

function couldNotPermitRead({ effect, scope }: ParsedPolicy, isGrouped: boolean): boolean {
  if (effect === 'forbid' || !couldBeRead(scope.action, isGrouped)) return true;
  const { principal, resource } = scope;
  return (
    (principal.kind === 'is' && !PRINCIPALS.has(principal.entityType)) ||
    (resource.kind === 'is' && resource.entityType !== 'Record')
  );
}

const couldBeRead = (clause: ScopeClause, isGrouped: boolean): boolean => {
  const uids = clause.kind === '==' ? [clause.uid] : clause.kind === 'in' ? clause.uids : undefined;
  if (uids === undefined || (isGrouped && clause.kind === 'in')) return true;
  return uids.some(({ type, id }) => type === READ.type && id === READ.id);
};

const needsOwnerOrGrant = ({ conditions }: ParsedPolicy): boolean =>
  conditions.some(({ kind, body }) => kind === 'when' && partsOf(body).some(isOwnerOrGrant));

/** What must hold all together for it to be true. It keeps its own stack: no input deepens ours. */
function partsOf(body: Expression): readonly Expression[] {
  const parts: Expression[] = [];
  const waiting = [body];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'and') waiting.push(...next.operands);
    else parts.push(next);
  }
  return parts;
}

function isOwnerOrGrant(part: Expression): boolean {
  // An owner who has what no person of the state has is nobody.
  if (part.kind === 'has') return isOwner(part.operand) && !ATTRIBUTES.has(part.path[0] ?? '');
  if (part.kind !== 'binary') return false;
  const { operator, left, right } = part;
  if (operator === 'hasTag') return isOwner(left) && isAttributeOf('context', 'grantKey', right);
  if (operator !== '==') return false;
  return (isPrincipal(left) && isOwnerOrActing(right)) || (isOwnerOrActing(left) && isPrincipal(right));
}

const isPrincipal = (node: Expression): boolean => node.kind === 'variable' && node.name === 'principal';
/** The owner, or who acts for the owner: both are asked about. */
const isOwnerOrActing = (node: Expression): boolean =>
  isOwner(node) ||
  (node.kind === 'attribute' &&
    node.name === 'guardian' &&
    node.operand.kind === 'attribute' &&
    node.operand.name === 'acting' &&
    isOwner(node.operand.operand));
const isOwner = (node: Expression): boolean => isAttributeOf('resource', 'owner', node);
const isAttributeOf = (variable: string, name: string, node: Expression): boolean =>
  node.kind === 'attribute' && node.name === name && node.operand.kind === 'variable' && node.operand.name === variable;
