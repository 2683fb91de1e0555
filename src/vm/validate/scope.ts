import { keyOfUid } from '../schema/schema.ts';
import type { Expression, ScopeClause, SlotClause, TemplateScope, Variable } from '../syntax/ast.ts';
import type { EntityUid } from '../values/value.ts';
import type { Problems } from './problems.ts';
import { noApplicableAction } from './sentences.ts';
import type { World } from './world.ts';

type Clause = ScopeClause | SlotClause;

/** A scope is a condition too, and comes before the others: what it rules out is not checked. */
export function scopeExpressions(scope: TemplateScope): readonly Expression[] {
  return (['principal', 'action', 'resource'] as const).flatMap((name) => expressionsOf(name, scope[name]));
}

function expressionsOf(name: Variable, clause: Clause): readonly Expression[] {
  const { at } = clause;
  const variable: Expression = { kind: 'variable', name, at };
  const literal = (value: EntityUid): Expression => ({ kind: 'literal', value, at });
  const compare = (operator: '==' | 'in', right: Expression): Expression => ({
    kind: 'binary',
    operator,
    left: variable,
    right,
    at,
  });
  const isType = (entityType: string): Expression => ({ kind: 'is', operand: variable, entityType, at });
  switch (clause.kind) {
    case 'any':
      return [];
    case '==':
      return [compare('==', literal(clause.uid))];
    case 'in': {
      const [only] = clause.uids;
      // Cedar reads the action's clause as a set even of one, and principal's and resource's as an entity.
      const right: Expression =
        only !== undefined && name !== 'action' ? literal(only) : { kind: 'set', items: clause.uids.map(literal), at };
      return [compare('in', right)];
    }
    case 'is': {
      const is = isType(clause.entityType);
      return clause.within === undefined ? [is] : [is, compare('in', literal(clause.within))];
    }
    case 'slot': {
      // Whatever fills a slot is known only in a link: all there is to say is that this may be true or false.
      const open = compare('==', variable);
      return clause.entityType === undefined ? [open] : [isType(clause.entityType), open];
    }
  }
}

/** Some action must apply to a principal and to a resource that the scope lets through. */
export function checkApplication(
  world: World,
  { scope, at }: { readonly scope: TemplateScope; readonly at: number },
  problems: Problems,
): void {
  if (isApplicable(world, scope)) return;
  problems.add('vm-validate.no-applicable-action', at, () => noApplicableAction(fixOf(world, scope)));
}

function isApplicable(world: World, { principal, action, resource }: TemplateScope): boolean {
  const lets = (clause: Clause, types: ReadonlySet<string>): boolean =>
    [...types].some((name) => letsType(world, clause, name));
  return [...world.schema.actions.values()].some(
    ({ uid, appliesTo }) =>
      appliesTo !== undefined &&
      letsAction(world, action, uid) &&
      lets(principal, appliesTo.principals) &&
      lets(resource, appliesTo.resources),
  );
}

function letsType(world: World, clause: Clause, name: string): boolean {
  const isBelow = (above: string): boolean =>
    name === above || world.schema.entityTypes.get(name)?.ancestors.has(above) === true;
  switch (clause.kind) {
    case 'any':
      return true;
    case '==':
      return name === clause.uid.type;
    case 'in':
      return clause.uids.some(({ type }) => isBelow(type));
    case 'is':
      return name === clause.entityType && (clause.within === undefined || isBelow(clause.within.type));
    case 'slot':
      return clause.entityType === undefined || name === clause.entityType;
  }
}

/** Could the action's clause hold for this action? */
export function letsAction(world: World, clause: ScopeClause, uid: EntityUid): boolean {
  const key = keyOfUid(uid);
  if (clause.kind === 'any') return true;
  if (clause.kind === '==') return keyOfUid(clause.uid) === key;
  if (clause.kind !== 'in') return false;
  const ancestors = world.action(uid)?.ancestors;
  return clause.uids.some((group) => keyOfUid(group) === key || ancestors?.has(keyOfUid(group)) === true);
}

/** `principal == Group::"g"` is often meant as `in`: said where that would do. */
function fixOf(world: World, scope: TemplateScope): string | undefined {
  const asIn = (clause: Clause): Clause =>
    clause.kind === '==' ? { kind: 'in', uids: [clause.uid], at: clause.at } : clause;
  if (isApplicable(world, { ...scope, principal: asIn(scope.principal) })) return 'write `principal in …`';
  if (isApplicable(world, { ...scope, resource: asIn(scope.resource) })) return 'write `resource in …`';
  const both = { ...scope, principal: asIn(scope.principal), resource: asIn(scope.resource) };
  return isApplicable(world, both) ? 'write `principal in …` and `resource in …`' : undefined;
}
