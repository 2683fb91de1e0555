import { Random } from '../../../src/simulator/random.ts';
import { entityJson } from './draw-entities.ts';
import { isTemplate, policyText } from './draw-policy.ts';
import type { DrawnRequest, World } from './draw-world.ts';
import type { PolicySetTexts } from './official.ts';
import { EXPLICIT, fieldsJson, type Style, uidJson } from './write-json.ts';

export function policySetTexts({ policies }: World): PolicySetTexts {
  const texts = (some: readonly World['policies'][number][]): Readonly<Record<string, string>> =>
    Object.fromEntries(some.map((policy) => [policy.id, policyText(policy)]));
  return {
    staticPolicies: texts(policies.filter((policy) => !isTemplate(policy))),
    templates: texts(policies.filter(isTemplate)),
    templateLinks: policies.flatMap(({ id, links }) =>
      links.map((link) => ({ templateId: id, newId: link.id, values: link.values })),
    ),
  };
}

/** Some values with their escapes and some without: readable by the schema alone. */
export function mixedStyle(seed: number): Style {
  const random = new Random(seed);
  return { explicit: () => random.chance(0.4) };
}

export const entitiesJson = ({ entities }: World, style: Style = EXPLICIT): string =>
  `[${entities.map((entity) => entityJson(entity, style)).join(',')}]`;

/** The inside of the JSON object that both engines are asked with. */
export const requestJson = ({ principal, action, resource, context }: DrawnRequest, style: Style = EXPLICIT): string =>
  [
    `"principal":${uidJson(principal)}`,
    `"action":${uidJson(action)}`,
    `"resource":${uidJson(resource)}`,
    `"context":${fieldsJson(context, style)}`,
  ].join(',');
