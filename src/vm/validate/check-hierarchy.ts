import { keyOfUid } from '../schema/schema.ts';
import type { Expression } from '../syntax/ast.ts';
import type { EntityUid } from '../values/value.ts';
import { constantEntity } from './check-equality.ts';
import { type Checked, type Checker, type ExpressionOf, typed } from './checker.ts';
import { AN_ENTITY, ENTITIES } from './expected.ts';
import { BOOL, boolOf, FALSE, isActionType, TRUE, type Type } from './types.ts';

/** `e in f`: always false where no entity of such a type can be in such another; known outright between actions. */
export function checkIn(checker: Checker, { left, right }: ExpressionOf<'binary'>): Checked {
  const a = checker.expect(left, AN_ENTITY, 'in').type;
  const b = checker.expect(right, ENTITIES, 'in').type;
  if (a === undefined || b === undefined) return typed(BOOL);

  const action = constantEntity(checker, left);
  const groups = constantEntities(checker, right);
  if (action !== undefined && isActionType(action.type) && groups !== undefined)
    return typed(typeOfActionIn(checker, action, groups));
  const outer = b.kind === 'set' ? b.element : b;
  return typed(outer.kind !== 'entity' || canBeIn(checker, a.types, outer.types) ? BOOL : FALSE);
}

/** The actions' hierarchy is the schema's, so the answer is known. An action is in nothing but actions. */
function typeOfActionIn(checker: Checker, action: EntityUid, outer: readonly EntityUid[]): Type {
  const ancestors = checker.policy.world.action(action)?.ancestors;
  const isIn = outer.some((uid) => keyOfUid(uid) === keyOfUid(action) || ancestors?.has(keyOfUid(uid)) === true);
  return boolOf(isIn);
}

/** The entities of `E::"a"`, `action`, or a set of such; undefined where any is known only when it runs. */
function constantEntities(checker: Checker, expression: Expression): readonly EntityUid[] | undefined {
  const items = expression.kind === 'set' ? expression.items : [expression];
  const uids = items.map((item) => constantEntity(checker, item));
  return uids.every((uid) => uid !== undefined) ? uids : undefined;
}

function canBeIn(checker: Checker, inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  const { world, budget } = checker.policy;
  if (!budget.spend(inner.size * outer.size)) return true;
  return [...inner].some((name) => [...outer].some((above) => world.canBeIn(name, above)));
}

export function checkIs(checker: Checker, { operand, entityType }: ExpressionOf<'is'>): Checked {
  const { type } = checker.expect(operand, AN_ENTITY, 'is');
  if (type === undefined) return typed(BOOL);
  if (!type.types.has(entityType)) return typed(FALSE);
  return typed(type.types.size === 1 ? TRUE : BOOL);
}
