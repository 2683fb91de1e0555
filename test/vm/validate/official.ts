import { type DetailedError, type PolicySet, validate } from '@cedar-policy/cedar-wasm/nodejs';

type ById = ReadonlyMap<string, readonly string[]>;

/** What the official engine says under strict validation, the only mode it offers here: messages by the id of the policy. */
export interface OfficialVerdict {
  readonly errors: ById;
  readonly warnings: ById;
}

export function officialVerdict(schema: string, policies: PolicySet): OfficialVerdict {
  const answer = validate({ validationSettings: { mode: 'strict' }, schema, policies });
  if (answer.type === 'failure')
    throw new Error(`the official engine cannot read it: ${JSON.stringify(answer.errors)}`);
  return { errors: byPolicy(answer.validationErrors), warnings: byPolicy(answer.validationWarnings) };
}

function byPolicy(found: readonly { policyId: string; error: DetailedError }[]): ById {
  const messages = new Map<string, string[]>();
  for (const { policyId, error } of found) messages.set(policyId, [...(messages.get(policyId) ?? []), error.message]);
  return messages;
}
