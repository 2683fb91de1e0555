import { attributeOf, type Capability, NONE } from './capabilities.ts';
import { type Checked, type Checker, type ExpressionOf, typed } from './checker.ts';
import { ENTITY_OR_RECORD } from './expected.ts';
import { noAttribute, optionalAttribute, takes } from './sentences.ts';
import { BOOL, FALSE, TRUE, type Type } from './types.ts';

type Owner = Extract<Type, { kind: 'entity' | 'record' }>;

export function checkAttribute(checker: Checker, { operand, name, at }: ExpressionOf<'attribute'>): Checked {
  const { type: owner } = checker.expect(operand, ENTITY_OR_RECORD, `.${name}`);
  if (owner === undefined) return typed(undefined);
  const capability = attributeOf(checker.policy.shapes.of(operand), name);
  return typed(read(checker, owner, name, at, checker.known.has(capability)));
}

/** The type that reading the attribute gives. It must be declared, and required or asked for before. */
function read(checker: Checker, owner: Owner, name: string, at: number, isKnown: boolean): Type | undefined {
  const { world } = checker.policy;
  const attribute = world.attribute(owner, name, checker.joining.budget);
  if (attribute === undefined) {
    const describe = () => noAttribute(owner, name, world.attributeNames(owner));
    checker.report('vm-validate.unknown-attribute', at, describe);
    return undefined;
  }
  if (!attribute.required && !isKnown)
    checker.report('vm-validate.optional-attribute', at, () => optionalAttribute(owner, name));
  return attribute.type;
}

/** `e has a.b.c` is `e has a && e.a has b && e.a.b has c`: each step is asked where the ones before it were true. */
export function checkHas(checker: Checker, { operand, path, at }: ExpressionOf<'has'>): Checked {
  let owner: Owner | undefined = checker.expect(operand, ENTITY_OR_RECORD, 'has').type;
  let shape = checker.policy.shapes.of(operand);
  let isAlwaysTrue = true;
  const gained: Capability[] = [];
  if (!checker.policy.budget.spend(path.length - 1)) return typed(undefined);
  for (const [index, name] of path.entries()) {
    if (owner === undefined) return typed(BOOL, gained);
    const step = hasOne(checker, owner, attributeOf(shape, name), name);
    if (step.type === FALSE) return typed(FALSE);
    isAlwaysTrue &&= step.type === TRUE;
    gained.push(...step.gains);
    if (index === path.length - 1) break;
    const next = read(checker, owner, name, at, true);
    shape = checker.policy.shapes.attribute(shape, name);
    owner = next && owning(checker, next, at);
  }
  return typed(isAlwaysTrue ? TRUE : BOOL, gained);
}

function owning(checker: Checker, type: Type, at: number): Owner | undefined {
  if (ENTITY_OR_RECORD.fits(type)) return type;
  checker.report('vm-validate.wrong-type', at, () => takes('has', ENTITY_OR_RECORD.name, type));
  return undefined;
}

/**
 * One step. A required attribute of a record is there; one of an entity need not be, for the entity itself may not exist. What
 * two types do not agree on, or an open record does not say, may be there and cannot be read.
 */
function hasOne(checker: Checker, owner: Owner, capability: Capability, name: string): Checked {
  const { world } = checker.policy;
  const attribute = world.attribute(owner, name, checker.joining.budget);
  if (attribute === undefined) return typed(world.mayHave(owner, name) ? BOOL : FALSE, NONE);
  const isThere = (attribute.required && owner.kind === 'record') || checker.known.has(capability);
  return typed(isThere ? TRUE : BOOL, [capability]);
}
