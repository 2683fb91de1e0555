import { ok, type Result, refuse } from '../../base/result.ts';
import { isWithinDepth, type ParsedPolicy } from '../../vm/syntax/ast.ts';
import type { LedgerCode } from '../codes.ts';
import { POLICY_LIMITS } from './limits.ts';
import { actionsOf, literalsOf } from './literals.ts';
import { readPolicyTrees } from './read-policies.ts';

/** What a patient's set speaks of (T-42). Search joins this list with its own step; break glass, review and shred never do. */
export const PATIENT_ACTIONS: ReadonlySet<string> = new Set(['requestAccess', 'readRecord']);

/**
 * A patient's policy as it may stand on the chain for ever (T-42): one `forbid` of asking for, or reading, his records, without comment
 * or annotation, in which no reason and no name could stand.
 */
export function readPatientPolicy(text: string): Result<ParsedPolicy, LedgerCode> {
  if (text.includes('//')) return refuse('policy.not-plain', { reason: 'comment' });
  const read = readPolicyTrees(text);
  if (!read.ok) return read;
  const [policy, ...others] = read.value;
  if (policy === undefined || others.length > 0) return refuse('policy.malformed', { policies: read.value.length });
  if (policy.annotations.size > 0) return refuse('policy.not-plain', { reason: 'annotation' });
  if (policy.effect !== 'forbid') return refuse('policy.scope', { reason: 'permit' });
  const actions = actionsOf(policy.scope) ?? [];
  const spoken = actions.every(({ type, id }) => type === 'Action' && PATIENT_ACTIONS.has(id));
  if (actions.length === 0 || !spoken) return refuse('policy.scope', { reason: 'action' });
  return withinLimits(policy);
}

function withinLimits(policy: ParsedPolicy): Result<ParsedPolicy, LedgerCode> {
  const { patientDepthMax, patientLiteralsMax, patientLiteralTextMax } = POLICY_LIMITS;
  if (!policy.conditions.every(({ body }) => isWithinDepth(body, patientDepthMax))) return refuse('policy.too-deep');
  const literals = literalsOf(policy);
  const long = literals.some((value) => typeof value === 'string' && value.length > patientLiteralTextMax);
  return long || literals.length > patientLiteralsMax ? refuse('policy.too-many-literals') : ok(policy);
}
