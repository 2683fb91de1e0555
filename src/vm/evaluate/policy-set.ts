import { compareBytes, utf8 } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import type { ParsedPolicy } from '../syntax/ast.ts';
import type { Position } from '../syntax/position.ts';
import { type CompiledPolicy, compilePolicy } from './compile-policy.ts';
import { type Plan, PolicyIndex } from './policy-index.ts';
import type { AuthorizationRequest } from './request.ts';

/** A policy as people see it: `text` is its source, `position` where that stood. */
export interface Policy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly annotations: ReadonlyMap<string, string>;
  readonly text: string;
  readonly position: Position;
}

const compiled = Symbol('compiled policies');
const index = Symbol('index');

/** Policies that can decide. Only `parsePolicies` and `mergePolicySets` make one. */
export interface PolicySet {
  /** As written, in that order. */
  readonly policies: readonly Policy[];
  readonly [compiled]: readonly CompiledPolicy[];
  readonly [index]: PolicyIndex;
}

/** In the order in which they are evaluated: by the bytes of their ids. */
export const compiledPolicies = (set: PolicySet): readonly CompiledPolicy[] => set[compiled];

export const planFor = (set: PolicySet, request: AuthorizationRequest): Plan => set[index].planFor(request);

export function policySetOf(parsed: readonly ParsedPolicy[]): Result<PolicySet, VmCode> {
  const named = parsed.map((policy, i) => ({ ...policy, id: policy.annotations.get('id') ?? `policy${i}` }));
  return seal(
    named.map(({ id, effect, annotations, text, position }) => ({ id, effect, annotations, text, position })),
    named.map(({ id, ...policy }) => compilePolicy(id, policy)),
  );
}

/** All policies of all sets. An id that occurs twice is refused, also between sets. */
export function mergePolicySets(sets: readonly PolicySet[]): Result<PolicySet, VmCode> {
  return seal(
    sets.flatMap((set) => set.policies),
    sets.flatMap((set) => set[compiled]),
  );
}

function seal(policies: readonly Policy[], unordered: readonly CompiledPolicy[]): Result<PolicySet, VmCode> {
  const seen = new Set<string>();
  for (const { id, position } of policies) {
    if (seen.has(id)) return refuse('vm-policy.duplicate-id', { policyId: id, ...position });
    seen.add(id);
  }
  const ordered = unordered
    .map((policy) => ({ policy, key: utf8(policy.id) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ policy }) => policy);
  return ok({ policies, [compiled]: ordered, [index]: new PolicyIndex(ordered) });
}
