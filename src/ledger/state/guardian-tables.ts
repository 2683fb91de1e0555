import * as shape from '../../base/shape.ts';
import { guardianPurposeShape } from '../../crypto/guardian-kit.ts';
import { GUARDIAN_PURPOSES } from '../../crypto/guardians.ts';
import { CRYPTO_LIMITS } from '../../crypto/limits.ts';
import { guardianListFields, planPartShape } from '../families/guardians/payloads.ts';
import { table } from './table.ts';

/** The rows of guardianship, on a page of their own (F56, T-80 to T-86). */

/** One of each guardian for each purpose. */
export const OPEN_GUARDIANSHIPS_MAX = CRYPTO_LIMITS.guardiansMax * GUARDIAN_PURPOSES.length;

const guardianPlanShape = shape.struct({
  /** From 1; each plan replaces the one before. */
  version: shape.uint(),
  parts: shape.list(planPartShape, GUARDIAN_PURPOSES.length),
  /** Requests under this plan that are open or approved. */
  requests: shape.list(shape.hash, OPEN_GUARDIANSHIPS_MAX),
});
export type GuardianPlan = shape.Shaped<typeof guardianPlanShape>;
/** guardians/<patient> */
export const guardianPlans = table<GuardianPlan, [patient: string]>('guardians', guardianPlanShape);

const guardianshipShape = shape.struct({
  owner: shape.address,
  purpose: guardianPurposeShape,
  requester: shape.address,
  /** What shares are released to. */
  key: shape.publicKey,
  /** Of the plan's part: what was asked for is that and no later one. */
  kit: shape.hash,
  ...guardianListFields,
  /** Who approved, the requester first. */
  approvals: shape.list(shape.address, CRYPTO_LIMITS.guardiansMax, 1),
  requestedMs: shape.timestampShape,
  /** From when shares are released; null until enough have approved. */
  maturesMs: shape.nullable(shape.timestampShape),
  /** ended: another request of the requester, another acting guardian, or another plan took its place. */
  status: shape.oneOf('open', 'approved', 'vetoed', 'ended'),
});
export type Guardianship = shape.Shaped<typeof guardianshipShape>;
/** guardianship/<transaction id> → what a guardian asked for, and how far it came: the row says all that a release depends on */
export const guardianships = table<Guardianship, [request: string]>('guardianship', guardianshipShape);

const actingShape = shape.struct({
  request: shape.hash,
  guardian: shape.address,
  maturesMs: shape.timestampShape,
});
export type Acting = shape.Shaped<typeof actingShape>;
/** acting/<patient> → who acts for the patient, from when: one at a time */
export const actingGuardians = table<Acting, [patient: string]>('acting', actingShape);
