import type { EntityUid, Value } from '../values/value.ts';
import type { Expression, ParsedTemplate, ScopeClause, SlotClause } from './ast.ts';
import { quote } from './escape.ts';
import { LINE_WIDTH, layoutExpression, layoutPolicy, piece } from './layout.ts';
import { layOut } from './pretty.ts';
import { unparse } from './unparse.ts';
import { unparseName, unparseUid } from './unparse-value.ts';

/** A policy or template as Cedar text in canonical layout. Reading it gives the same tree, but for its places. */
export function printPolicy(policy: Omit<ParsedTemplate, 'text' | 'at' | 'position'>): string {
  const { principal, action, resource } = policy.scope;
  const scope = [...unparseClause('principal', principal), ',', ...unparseClause('action', action), ','];
  const tokens = [...unparseAnnotations(policy.annotations), policy.effect, '(', ...scope];
  tokens.push(...unparseClause('resource', resource), ')');
  for (const { kind, body } of policy.conditions) {
    tokens.push(kind, '{');
    for (const token of unparse(body)) tokens.push(token);
    tokens.push('}');
  }
  tokens.push(';');
  return layOut(layoutPolicy(tokens.map(piece)), LINE_WIDTH);
}

/** An expression as Cedar text, with no more parentheses than it needs; on one line unless `width` says otherwise. */
export const printExpression = (expression: Expression, width = Number.POSITIVE_INFINITY): string =>
  layOut(layoutExpression(unparse(expression).map(piece)), width);

/** A value as the Cedar expression that makes it, on one line. */
export const printValue = (value: Value): string => printExpression({ kind: 'literal', at: 0, value });

function unparseAnnotations(annotations: ReadonlyMap<string, string>): readonly string[] {
  return [...annotations].flatMap(([key, value]) => ['@', key, ...(value === '' ? [] : ['(', quote(value), ')'])]);
}

function unparseClause(variable: string, clause: ScopeClause | SlotClause): readonly string[] {
  switch (clause.kind) {
    case 'any':
      return [variable];
    case '==':
      return [variable, '==', ...unparseUid(clause.uid)];
    case 'in':
      return [variable, 'in', ...unparseUids(clause.uids)];
    case 'is': {
      const within = clause.within === undefined ? [] : ['in', ...unparseUid(clause.within)];
      return [variable, 'is', ...unparseName(clause.entityType), ...within];
    }
    case 'slot': {
      const is = clause.entityType === undefined ? [] : ['is', ...unparseName(clause.entityType)];
      return [variable, ...is, clause.operator, `?${variable}`];
    }
  }
}

function unparseUids(uids: readonly EntityUid[]): readonly string[] {
  const [only] = uids;
  if (only !== undefined && uids.length === 1) return unparseUid(only);
  return ['[', ...uids.flatMap((uid, i) => [...(i === 0 ? [] : [',']), ...unparseUid(uid)]), ']'];
}
