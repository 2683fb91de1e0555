import * as wasm from '@cedar-policy/cedar-wasm/nodejs';
import type { Json } from '../../../src/vm/index.ts';

/** Does the official parser accept a policy set? */
export const isOfficial = (text: string): boolean => wasm.policySetTextToParts(text).type === 'success';

export interface OfficialParts {
  readonly policies: readonly string[];
  readonly templates: readonly string[];
}

/** The policies and templates of a set, each as written, in the order of their numbers where there are less than ten. */
export function officialParts(text: string): OfficialParts {
  const answer = wasm.policySetTextToParts(text);
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  return { policies: answer.policies, templates: answer.policy_templates };
}

/**
 * One policy or template in Cedar's JSON format. Its integers are rounded to doubles on the way. `@a("")` means `@a`, and is written
 * like it here: our tree does not tell them apart.
 */
export function officialJson(text: string): unknown {
  const asPolicy = wasm.policyToJson(text);
  const answer = asPolicy.type === 'success' ? asPolicy : wasm.templateToJson(text);
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  const { annotations, ...json } = answer.json;
  if (annotations === undefined) return json;
  const entries = Object.entries(annotations).map(([key, value]) => [key, value === '' ? null : value]);
  return { ...json, annotations: Object.fromEntries(entries) };
}

/** Our JSON as the official engine's comes out of it: objects, and integers rounded to doubles. */
export function plain(json: Json): unknown {
  if (typeof json === 'bigint') return Number(json);
  if (Array.isArray(json)) return json.map(plain);
  if (json instanceof Map) return Object.fromEntries([...json].map(([key, value]) => [key, plain(value)]));
  return json;
}
