import type { EntityUid, Value } from '../../vm/index.ts';
import { childrenOf, type Expression, type ParsedPolicy, type ScopeClause } from '../../vm/syntax/ast.ts';

const uidsOf = (clause: ScopeClause): readonly EntityUid[] => {
  switch (clause.kind) {
    case 'any':
      return [];
    case '==':
      return [clause.uid];
    case 'in':
      return clause.uids;
    case 'is':
      return clause.within === undefined ? [] : [clause.within];
  }
};

/** Every value that stands in a policy as written, the entities of its scope first. It keeps its own stack: no input deepens ours. */
export function literalsOf({ scope, conditions }: Pick<ParsedPolicy, 'scope' | 'conditions'>): readonly Value[] {
  const literals: Value[] = [scope.principal, scope.action, scope.resource].flatMap(uidsOf);
  const waiting: Expression[] = conditions.map(({ body }) => body);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'literal') literals.push(next.value);
    waiting.push(...childrenOf(next));
  }
  return literals;
}

/** The actions that a scope names; undefined where it takes any. */
export const actionsOf = ({ action }: ParsedPolicy['scope']): readonly EntityUid[] | undefined =>
  action.kind === 'any' ? undefined : uidsOf(action);
