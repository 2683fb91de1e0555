import { readFileSync } from 'node:fs';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';

/** The official engine, as a judge of the schema and of the policies. */
export const SCHEMA = readFileSync(new URL('../../policies/carechain.cedarschema', import.meta.url), 'utf8');

export interface Verdict {
  readonly policy: string;
  readonly message: string;
}
export interface Validated {
  readonly errors: readonly Verdict[];
  readonly warnings: readonly Verdict[];
}

/** Strict validation of policies by their ids against the chain's schema. */
export function validated(policies: Readonly<Record<string, string>>): Validated {
  const answer = cedar.validate({
    validationSettings: { mode: 'strict' },
    schema: SCHEMA,
    policies: { staticPolicies: { ...policies } },
  });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  const told = (list: typeof answer.validationErrors): readonly Verdict[] =>
    list.map(({ policyId, error }) => ({ policy: policyId, message: error.message }));
  return { errors: told(answer.validationErrors), warnings: told(answer.validationWarnings) };
}

/** Those of them that no request which the schema allows can ever satisfy: they are sound, and always false. */
export function impossibleAmong(policies: Readonly<Record<string, string>>): ReadonlySet<string> {
  const { errors, warnings } = validated(policies);
  const impossible = new Set(
    warnings.filter(({ message }) => message.includes('impossible')).map(({ policy }) => policy),
  );
  for (const { policy } of errors) impossible.delete(policy);
  return impossible;
}
