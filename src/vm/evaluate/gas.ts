import type { Value } from '../values/value.ts';

/**
 * The price of deciding, in gas. Charged before the work it pays for, in this order: policies by the bytes of their ids, every one of
 * them; of a policy, its scope, then its conditions as written; of an expression, itself, then its operands from left to
 * right, as far as Cedar evaluates them. Nothing here depends on an index, a cache or the order of a set's items.
 */
export const GAS = {
  /** Each policy, for its scope. */
  policy: 10,
  /** Each expression evaluated: every node of the tree, literals too; `e has a.b.c` is one, `e is T in f` one beside e and f. */
  expression: 1,
  /** Each unit of weight of values that are compared, searched, collected in a set or record, or given to a function. */
  weight: 1,
  /** Each reading of an entity: its attribute or tag, and each entity that `in` looks behind. */
  entity: 20,
  /** Each parent of an entity that `in` looks behind. */
  parent: 1,
  /** Each call of an extension function, beside the weight of its arguments. */
  call: 4,
} as const;

/** UTF-16 units of text in one unit of weight. */
const TEXT_UNITS = 32;

/** A text weighs 1, and 1 more for each 32 UTF-16 units. */
export const weightOfText = (units: number): number => 1 + Math.floor(units / TEXT_UNITS);

/**
 * What a value costs to look at in full: 1 for each part, more for long texts. It does not depend on the order of parts. Above `most`
 * the weighing stops, with any number above `most`: whoever cannot pay for the weight has not paid for the weighing either.
 */
export function weightOf(value: Value, most = Number.POSITIVE_INFINITY): number {
  if (typeof value === 'string') return weightOfText(value.length);
  if (typeof value !== 'object') return 1;
  switch (value.kind) {
    case 'entity':
      return weightOfText(value.type.length + value.id.length);
    case 'set': {
      let weight = 1;
      for (const item of value.items) {
        weight += weightOf(item, most - weight);
        if (weight > most) break;
      }
      return weight;
    }
    case 'record': {
      let weight = 1;
      for (const [name, field] of value.fields) {
        weight += weightOfText(name.length);
        weight += weightOf(field, most - weight);
        if (weight > most) break;
      }
      return weight;
    }
    default:
      return 1;
  }
}
