import { type Condition, childrenOf, type Expression } from '../syntax/ast.ts';

/** Every expression of the conditions, once: `e is T in f` shares `e`, and a tree of such would be walked twice at each level. */
export function* expressionsIn(conditions: readonly Condition[]): Generator<Expression> {
  const seen = new Set<Expression>();
  const waiting = conditions.map(({ body }) => body);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    yield next;
    waiting.push(...childrenOf(next));
  }
}
