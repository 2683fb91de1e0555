import { ok, type Result, refuse } from '../../base/result.ts';
import type { ParsedPolicy } from '../../vm/syntax/ast.ts';
import type { LedgerCode } from '../codes.ts';
import { readPolicyTrees } from './read-policies.ts';

/** A policy of the consortium under its id. */
export interface NamedPolicy {
  readonly id: string;
  readonly policy: ParsedPolicy;
}

/** What deployed policies may be called: an id stands in receipts. */
const POLICY_ID = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;

/** The policies of a text under the ids that deciding gives them. */
export function namedPolicies(text: string): Result<readonly NamedPolicy[], LedgerCode> {
  const read = readPolicyTrees(text);
  return read.ok ? ok(read.value.map((policy, i) => ({ id: idOf(policy) ?? `policy${i}`, policy }))) : read;
}

/** Those of a change: each says its id, no two the same (T-51). */
export function deployedPolicies(text: string): Result<readonly NamedPolicy[], LedgerCode> {
  const read = readPolicyTrees(text);
  if (!read.ok) return read;
  const named: NamedPolicy[] = [];
  for (const policy of read.value) {
    const id = idOf(policy);
    if (id === undefined || !POLICY_ID.test(id) || named.some((other) => other.id === id))
      return refuse('policy.no-id');
    named.push({ id, policy });
  }
  return ok(named);
}

const idOf = ({ annotations }: ParsedPolicy): string | undefined => annotations.get('id');

/**
 * The set that a change makes of the standing one (T-52): a deployed policy takes the place of the one with its id, or comes last; what is
 * retired goes. Comments between policies are not kept; a policy that was named by its place says its name from now on.
 */
export function composeText(
  before: readonly NamedPolicy[],
  deployed: readonly NamedPolicy[],
  retired: readonly string[],
): Result<string, LedgerCode> {
  const set = new Map(before.map(({ id, policy }) => [id, textOf(id, policy)] as const));
  for (const id of retired) if (!set.delete(id)) return refuse('policy.unknown', { policy: id });
  for (const { id, policy } of deployed) {
    if (retired.includes(id)) return refuse('policy.no-id', { policy: id });
    set.set(id, textOf(id, policy));
  }
  return ok(`${[...set.values()].join('\n\n')}\n`);
}

const textOf = (id: string, policy: ParsedPolicy): string =>
  idOf(policy) === undefined ? `@id("${id}")\n${policy.text}` : policy.text;
