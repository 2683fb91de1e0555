import { toHex } from '../../../src/base/bytes.ts';
import {
  entitiesFromJson,
  explain,
  type Json,
  parseJson,
  parsePolicies,
  recordFromJson,
  toldBytes,
  traceBytes,
  uidFromJson,
} from '../../../src/vm/index.ts';

function must<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly rejection: { code: string } },
): T {
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
}

/**
 * Texts in, texts out: of each request, decision, gas and trace as bytes. The same file runs under Node and in the browser's bundle, and no
 * object crosses from one to the other.
 */
export function answersOf(
  policiesText: string,
  entitiesText: string,
  requestsText: string,
  gasLimit: number,
): string[] {
  const policies = must(parsePolicies(policiesText));
  const entities = must(entitiesFromJson(must(parseJson(entitiesText))));
  return (must(parseJson(requestsText)) as readonly Json[]).map((json) => {
    const field = (name: string): Json => (json as ReadonlyMap<string, Json>).get(name) as Json;
    const request = {
      principal: must(uidFromJson(field('principal'))),
      action: must(uidFromJson(field('action'))),
      resource: must(uidFromJson(field('resource'))),
      context: must(recordFromJson(field('context'))),
    };
    const explanation = explain(policies, request, entities, gasLimit);
    const { allowed, gasUsed } = explanation.decision;
    return [allowed, gasUsed, toHex(traceBytes(explanation)), toHex(toldBytes('requester', explanation))].join(' ');
  });
}
