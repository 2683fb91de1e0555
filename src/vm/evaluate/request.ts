import type { EntityUid, RecordValue, Value } from '../values/value.ts';

/** An entity, read lazily: a million records, or a patient's million grants, cost nothing until a policy names one. */
export interface Entity {
  readonly parents: readonly EntityUid[];
  attribute(name: string): Value | undefined;
  tag(name: string): Value | undefined;
}

export interface EntityReader {
  entity(uid: EntityUid): Entity | undefined;
}

export interface AuthorizationRequest {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: RecordValue;
}

/**
 * A decision with its reasons. Deny is the default; a satisfied forbid wins over any permit. Beyond Cedar: an erroring
 * *forbid* denies, and running out of gas denies the whole request (CHAIN.md, "Policy and gas").
 */
export interface Decision {
  readonly allowed: boolean;
  /** Ids of the policies that decided, sorted by bytes: satisfied forbids, else (if allowed) satisfied permits. */
  readonly reasons: readonly string[];
  /** Policies whose evaluation failed, sorted by id. Cedar skips them; ours denies where one is a forbid. */
  readonly errors: readonly { readonly policyId: string; readonly code: string }[];
  readonly gasUsed: number;
  readonly outOfGas: boolean;
}
