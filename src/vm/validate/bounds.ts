import type { Budget } from './budget.ts';
import type { Attribute, RecordOf, Type } from './types.ts';

/**
 * How two types are joined. Strict: only types that differ in nothing but `True` and `False`. Permissive: entities of different
 * types join to either of them, records to what they share.
 */
export interface Joining {
  readonly strict: boolean;
  readonly budget: Budget;
}

/** The least type that holds every value of both; undefined where there is none, or where the budget is spent. */
export function leastUpperBound(a: Type, b: Type, joining: Joining): Type | undefined {
  if (a === b) return a;
  if (!joining.budget.spend()) return undefined;
  if (a.kind === 'never') return b;
  if (b.kind === 'never') return a;
  switch (a.kind) {
    case 'bool':
      if (b.kind !== 'bool') return undefined;
      return a.only === b.only ? a : { kind: 'bool', only: undefined };
    case 'set': {
      if (b.kind !== 'set') return undefined;
      const element = leastUpperBound(a.element, b.element, joining);
      return element && (element === a.element ? a : { kind: 'set', element });
    }
    case 'entity':
      return b.kind === 'entity' ? joinEntities(a, b, joining) : undefined;
    case 'record':
      return b.kind === 'record' ? joinRecords(a, b, joining) : undefined;
    default:
      return a.kind === b.kind ? a : undefined;
  }
}

type EntityOf = Type & { readonly kind: 'entity' };

function joinEntities(a: EntityOf, b: EntityOf, { strict, budget }: Joining): Type | undefined {
  if (!budget.spend(a.types.size + b.types.size)) return undefined;
  const types = new Set([...a.types, ...b.types]);
  if (types.size === a.types.size && types.size === b.types.size) return a;
  return strict ? undefined : { kind: 'entity', types };
}

function joinRecords(a: RecordOf, b: RecordOf, joining: Joining): Type | undefined {
  if (!joining.budget.spend(a.attributes.size)) return undefined;
  const attributes = new Map<string, Attribute>();
  for (const [name, left] of a.attributes) {
    const right = b.attributes.get(name);
    const joined = right && joinAttributes(left, right, joining);
    if (joined !== undefined) attributes.set(name, joined);
    else if (joining.strict) return undefined;
  }
  const isWhole = attributes.size === a.attributes.size && attributes.size === b.attributes.size;
  if (joining.strict && !isWhole) return undefined;
  const open = a.open || b.open || !isWhole;
  const isLeft =
    open === a.open && isWhole && [...attributes].every(([name, joined]) => a.attributes.get(name) === joined);
  return isLeft ? a : { kind: 'record', attributes, open };
}

/** Strict: both required or both optional. Permissive: required where both are. */
function joinAttributes(a: Attribute, b: Attribute, joining: Joining): Attribute | undefined {
  if (joining.strict && a.required !== b.required) return undefined;
  const type = leastUpperBound(a.type, b.type, joining);
  if (type === undefined) return undefined;
  const required = a.required && b.required;
  return type === a.type && required === a.required ? a : { type, required };
}
