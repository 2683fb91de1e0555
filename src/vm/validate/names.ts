import type { ParsedTemplate, ScopeClause, SlotClause } from '../syntax/ast.ts';
import type { EntityUid } from '../values/value.ts';
import type { Problems } from './problems.ts';
import { unknownAction, unknownId, unknownType } from './sentences.ts';
import { isActionType } from './types.ts';
import { expressionsIn } from './walk.ts';
import type { World } from './world.ts';

type Policy = Pick<ParsedTemplate, 'scope' | 'conditions'>;

/** Whatever a policy names must be declared, also where it can never be reached: entity types, actions, ids of enumerated types. */
export function checkNames(world: World, { scope, conditions }: Policy, problems: Problems): void {
  const checks = new Names(world, problems);
  for (const clause of [scope.principal, scope.action, scope.resource]) checks.clause(clause);
  for (const expression of expressionsIn(conditions)) {
    if (expression.kind === 'is') checks.type(expression.entityType, expression.at);
    if (expression.kind !== 'literal') continue;
    const { value } = expression;
    if (typeof value === 'object' && value.kind === 'entity') checks.uid(value, expression.at);
  }
}

class Names {
  readonly #world: World;
  readonly #problems: Problems;

  constructor(world: World, problems: Problems) {
    this.#world = world;
    this.#problems = problems;
  }

  clause(clause: ScopeClause | SlotClause): void {
    if (clause.kind === '==') this.uid(clause.uid, clause.at);
    if (clause.kind === 'in') for (const uid of clause.uids) this.uid(uid, clause.at);
    if (clause.kind !== 'is' && clause.kind !== 'slot') return;
    if (clause.entityType !== undefined) this.type(clause.entityType, clause.at);
    if (clause.kind === 'is' && clause.within !== undefined) this.uid(clause.within, clause.at);
  }

  type(name: string, at: number): void {
    const { entityTypes } = this.#world.schema;
    if (!this.#world.isKnownType(name))
      this.#problems.add('vm-validate.unknown-entity-type', at, () => unknownType(name, entityTypes.keys()));
  }

  uid(uid: EntityUid, at: number): void {
    const { entityTypes, actions } = this.#world.schema;
    if (isActionType(uid.type)) {
      const declared = () => [...actions.values()].map((action) => action.uid);
      if (this.#world.action(uid) === undefined)
        this.#problems.add('vm-validate.unknown-action', at, () => unknownAction(uid, declared()));
      return;
    }
    this.type(uid.type, at);
    const ids = entityTypes.get(uid.type)?.ids;
    if (ids !== undefined && !ids.has(uid.id))
      this.#problems.add('vm-validate.unknown-id', at, () => unknownId(uid, ids));
  }
}
