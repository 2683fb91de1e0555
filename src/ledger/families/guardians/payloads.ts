import * as shape from '../../../base/shape.ts';
import { guardianPurposeShape } from '../../../crypto/guardian-kit.ts';
import { GUARDIAN_PURPOSES, GUARDIAN_SALT_BYTES } from '../../../crypto/guardians.ts';
import { CRYPTO_LIMITS } from '../../../crypto/limits.ts';

const guardiansMax = CRYPTO_LIMITS.guardiansMax;
/** A list of guardians, as it is told once it is used. */
export const guardianListFields = {
  threshold: shape.uint(guardiansMax),
  members: shape.list(shape.address, guardiansMax, 1),
};

/** What the owner says of one purpose: commitments, and how long an approval waits for a veto. */
export const planPartShape = shape.struct({
  purpose: guardianPurposeShape,
  /** `listCommitment`: salted. */
  list: shape.hash,
  /** `guardianKitHash`: shares, sealed roots, and the hospitals that keep them. */
  kit: shape.hash,
  maturingMs: shape.uint(),
});

/** Payloads of guardianship (F56), see docs/specification/guardians.md. */
export const GUARDIAN_PAYLOADS = {
  /** The whole plan: it replaces the one before, and ends whatever was asked under that. Empty: no guardians. */
  setGuardians: shape.struct({ parts: shape.list(planPartShape, GUARDIAN_PURPOSES.length) }),
  /** Opens the commitment to a list, as one of it. */
  requestGuardianship: shape.struct({
    owner: shape.address,
    purpose: guardianPurposeShape,
    /** What shares are released to. For recovery a key of the patient's new device, which the chain does not know yet. */
    key: shape.publicKey,
    ...guardianListFields,
    salt: shape.bytes(GUARDIAN_SALT_BYTES),
  }),
  approveGuardianship: shape.struct({ request: shape.hash }),
  /** By the owner: an objection before an approval has matured, and the end of it after. */
  vetoGuardianship: shape.struct({ request: shape.hash }),
} as const;
