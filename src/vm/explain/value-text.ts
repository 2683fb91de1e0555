import { compareBytes, utf8 } from '../../base/bytes.ts';
import { weightOf } from '../evaluate/gas.ts';
import type { Expression } from '../syntax/ast.ts';
import { printExpression, printValue } from '../syntax/print-policy.ts';
import type { Value } from '../values/value.ts';
import { EXPLAIN_LIMITS } from './limits.ts';

/** An expression as Cedar text, on one line. */
export const expressionText = (expression: Expression): string => cut(printExpression(expression));

/** A value as Cedar text. It does not depend on the order in which a set or a record was put together. */
export function valueText(value: Value): string {
  if (weightOf(value, EXPLAIN_LIMITS.valueWeightMax) <= EXPLAIN_LIMITS.valueWeightMax)
    return cut(printValue(ordered(value)));
  if (typeof value === 'string') return cut(printValue(start(value)));
  if (typeof value === 'object' && value.kind === 'set') return `[… ${value.items.length} items]`;
  if (typeof value === 'object' && value.kind === 'record') return `{… ${value.fields.size} attributes}`;
  return cut(printValue(value));
}

function ordered(value: Value): Value {
  if (typeof value !== 'object') return value;
  if (value.kind === 'set') {
    const items = value.items.map(ordered);
    return { kind: 'set', items: sorted(items, printValue) };
  }
  if (value.kind !== 'record') return value;
  const fields = [...value.fields].map(([name, field]) => [name, ordered(field)] as const);
  return { kind: 'record', fields: new Map(sorted(fields, ([name]) => name)) };
}

const sorted = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] =>
  items
    .map((item) => ({ item, key: utf8(keyOf(item)) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ item }) => item);

const cut = (text: string): string => (text.length <= EXPLAIN_LIMITS.textMax ? text : `${start(text)}…`);

/** The beginning of a text; no pair of surrogates is torn apart. */
function start(text: string): string {
  const end = EXPLAIN_LIMITS.textMax;
  const last = text.charCodeAt(end - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end);
}
