import type { Random } from '../../../src/simulator/random.ts';
import type { Schema } from '../../../src/vm/schema/schema.ts';
import type { Uid } from './datum.ts';
import { idOf } from './draw-entities.ts';
import { ExpressionDrawing } from './draw-expression.ts';
import type { Scene } from './scene.ts';
import { type Term, textOf } from './term.ts';
import { literalText, uidText } from './write-cedar.ts';

export interface DrawnPolicy {
  readonly id: string;
  readonly annotations: string;
  readonly effect: 'permit' | 'forbid';
  /** What follows each variable in the scope, `is User`, perhaps with a slot. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly conditions: readonly { readonly kind: 'when' | 'unless'; readonly body: Term }[];
  /** Of a template: the policies made of it. */
  readonly links: readonly DrawnLink[];
}

export interface DrawnLink {
  readonly id: string;
  readonly values: Readonly<Record<string, Uid>>;
}

export const isTemplate = ({ principal, resource }: DrawnPolicy): boolean => `${principal}${resource}`.includes('?');

const ANNOTATIONS = ['', '', '', '@note("a \\"b\\"")\n', '@flag\n', '@if("x") @in("")\n'];

export function drawPolicy(random: Random, scene: Scene, id: string): DrawnPolicy {
  const { schema } = scene;
  const drawing = new ExpressionDrawing(random, scene);
  const conditions = Array.from({ length: random.pick([0, 1, 1, 1, 1, 2, 3]) }, () => ({
    kind: random.chance(0.75) ? ('when' as const) : ('unless' as const),
    body: drawing.condition(),
  }));
  // Without a scope every request tells what the conditions come to.
  const isOpen = random.chance(0.4);
  const slots = !isOpen && random.chance(0.3);
  const clause = (type: string, slot: string): string => {
    if (isOpen) return '';
    return drawClause(random, schema, type, slots && random.chance(0.7) ? slot : undefined);
  };
  const principal = clause(scene.principal, '?principal');
  const resource = clause(scene.resource, '?resource');
  const policy: DrawnPolicy = {
    id,
    annotations: random.pick(ANNOTATIONS),
    effect: random.chance(0.65) ? 'permit' : 'forbid',
    principal,
    action: isOpen ? '' : drawActionClause(random, schema, scene.action),
    resource,
    conditions,
    links: [],
  };
  return isTemplate(policy) ? { ...policy, links: drawLinks(random, schema, scene, policy) } : policy;
}

function drawClause(random: Random, schema: Schema, type: string, slot: string | undefined): string {
  const above = random.pick([type, ...(schema.entityTypes.get(type)?.ancestors ?? [])]);
  const target = slot ?? uidText(random, { type: above, id: idOf(random, schema, above) });
  const same = slot ?? uidText(random, { type, id: idOf(random, schema, type) });
  if (slot !== undefined) return random.pick([`== ${slot}`, `in ${slot}`, `is ${type} in ${slot}`]);
  const is = `is ${type}`;
  return random.pick(['', is, is, is, is, `== ${same}`, `in ${target}`, `${is} in ${target}`]);
}

function drawActionClause(random: Random, schema: Schema, action: Uid): string {
  const others = [...schema.actions.values()].map(({ uid }) => uidText(random, uid));
  const own = uidText(random, action);
  const one = `== ${own}`;
  return random.pick([
    '',
    '',
    one,
    one,
    one,
    `in ${random.pick(others)}`,
    `in [${own}, ${random.pick(others)}]`,
    'in []',
  ]);
}

function drawLinks(random: Random, schema: Schema, scene: Scene, policy: DrawnPolicy): readonly DrawnLink[] {
  const value = (type: string): Uid => {
    const above = random.pick([type, type, ...(schema.entityTypes.get(type)?.ancestors ?? []), 'Nowhere']);
    return { type: above, id: idOf(random, schema, above) };
  };
  return Array.from({ length: random.integer(0, 3) }, (_, n) => ({
    id: `${policy.id} link ${n}`,
    values: {
      ...(policy.principal.includes('?') && { '?principal': value(scene.principal) }),
      ...(policy.resource.includes('?') && { '?resource': value(scene.resource) }),
    },
  }));
}

const spaced = (clause: string): string => (clause === '' ? '' : ` ${clause}`);

export function policyText({ annotations, effect, principal, action, resource, conditions }: DrawnPolicy): string {
  const scope = `principal${spaced(principal)}, action${spaced(action)}, resource${spaced(resource)}`;
  const body = conditions.map(({ kind, body }) => `\n  ${kind} { ${textOf(body)} }`).join('');
  return `${annotations}${effect} (${scope})${body};`;
}

/** The same policy with its id in its text, as `parsePolicies` reads it. */
export const namedText = (random: Random, policy: DrawnPolicy): string =>
  `@id(${literalText(random, policy.id)})\n${policyText(policy)}`;
