import { assert } from '../../base/assert.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { Entity, EntityUid } from '../../vm/index.ts';
import { parseSchema } from '../../vm/schema/read-schema.ts';
import { keyOfUid, type Schema } from '../../vm/schema/schema.ts';
import type { ParsedPolicy } from '../../vm/syntax/ast.ts';
import { validatePolicies } from '../../vm/validate/validate.ts';
import type { LedgerEnv } from '../chain.ts';
import type { LedgerCode } from '../codes.ts';
import { POLICY_LIMITS } from './limits.ts';

/** The schema of the chain, which stands in its genesis; null on a chain without one. Read once for each environment. */
export function schemaOf({ genesis, schemaMemo }: Pick<LedgerEnv, 'genesis' | 'schemaMemo'>): Schema | null {
  if (schemaMemo.current !== undefined) return schemaMemo.current;
  if (genesis.schema === undefined) return null;
  const read = parseSchema(genesis.schema);
  assert(read.ok, 'the schema was read with the genesis');
  schemaMemo.current = read.value;
  return read.value;
}

/** Checking takes no more than what the price of the text pays for (T-43). */
const stepsMaxOf = ({ text }: { readonly text: string }): number => POLICY_LIMITS.checkStepsPerCharacter * text.length;

/** Strict validation against the chain's schema (T-43). The refusal gives the first problem's code and its place. */
export function checkStrictly(schema: Schema | null, policies: readonly ParsedPolicy[]): Result<null, LedgerCode> {
  if (schema === null) return refuse('policy.no-schema');
  for (const { errors } of validatePolicies(schema, policies, 'strict', stepsMaxOf)) {
    const [first] = errors;
    if (first !== undefined) return refuse('policy.invalid', { reason: first.code, at: first.at });
  }
  return ok(null);
}

/** An action with the groups that the schema puts it in (E-9). */
export function actionEntity(schema: Schema | null, uid: EntityUid): Entity | undefined {
  const declared = schema?.actions.get(keyOfUid(uid));
  return declared && { parents: declared.parents, attribute: () => undefined, tag: () => undefined };
}
