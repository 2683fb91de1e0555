import type { ParsedTemplate } from '../../../src/vm/syntax/ast.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';

/** A policy without its text and places: what it says. */
export function meaningOf(policy: ParsedTemplate): unknown {
  const { text: _text, ...rest } = policy;
  return withoutPlaces(rest);
}

function withoutPlaces(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutPlaces);
  if (node instanceof Map) return new Map([...node].map(([key, value]) => [key, withoutPlaces(value)]));
  if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return node;
  const entries = Object.entries(node).filter(([key]) => key !== 'at' && key !== 'position');
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutPlaces(value)]));
}

/** The one policy or template of a text that has no problem. */
export function onlyOf(text: string): ParsedTemplate {
  const { policies, templates, problems } = readPolicies(text);
  const [only, ...more] = [...policies, ...templates];
  if (only === undefined || more.length > 0 || problems.length > 0)
    throw new Error(`${policies.length} policies, ${JSON.stringify(problems)} in: ${text}`);
  return only;
}

export const SCOPE = 'permit(principal, action, resource)';
export const when = (expression: string): string => `${SCOPE} when { ${expression} };`;
