import * as shape from '../base/shape.ts';

/** Words that the chain's formats share. Everything else on chain is an id, a key, a hash, a number or a code. */
export const ROLES = ['patient', 'practitioner', 'administrator', 'payer'] as const;
export type Role = (typeof ROLES)[number];
export const TIERS = ['tertiary', 'secondary', 'community'] as const;
export type Tier = (typeof TIERS)[number];
export const PARTICIPANT_STATUSES = ['pending', 'active', 'suspended'] as const;
export const HOSPITAL_STATUSES = ['pending', 'active', 'suspended', 'removed'] as const;
export type HospitalStatus = (typeof HOSPITAL_STATUSES)[number];

/** HL7 v3 PurposeOfUse codes. Break-glass (BTG) is matched exactly, never reached from TREAT (DESIGN.md, "Rule engine"). */
export const PURPOSES = ['TREAT', 'ETREAT', 'BTG', 'HPAYMT', 'HOPERAT', 'HRESCH', 'FAMRQT', 'PATRQT'] as const;
export type Purpose = (typeof PURPOSES)[number];
/** By which keys a permitted read is opened (PRIVACY.md, "Emergencies"). */
export const READ_PATHS = ['self', 'grant', 'desk', 'guardian'] as const;
export type ReadPath = (typeof READ_PATHS)[number];
/** What a review of a broken glass may find. */
export const FINDINGS = ['justified', 'not-justified'] as const;
export type Finding = (typeof FINDINGS)[number];
/** HL7 v3 Confidentiality: the only label that stands on chain (PRIVACY.md, "Keys"). */
export const LABELS = ['N', 'R', 'V'] as const;
export const ACCESS_LEVELS = ['read', 'write', 'read-write'] as const;
export type Access = (typeof ACCESS_LEVELS)[number];

export const roleShape = shape.oneOf(...ROLES);
export const tierShape = shape.oneOf(...TIERS);
export const purposeShape = shape.oneOf(...PURPOSES);
export const labelShape = shape.oneOf(...LABELS);
export const accessShape = shape.oneOf(...ACCESS_LEVELS);
export const findingShape = shape.oneOf(...FINDINGS);
/** A record's random id. */
export const recordIdShape = shape.bytes(32);
/** A patient's policy: 16 random bytes, so that no word stands in a trail. */
export const policyIdShape = shape.bytes(16);
/** The opaque id of a category: the low 128 bits of SHA-256 of its first delegating key. */
export const categoryShape = shape.bytes(16);
/** CIDv1, dag-pb or raw, SHA-256. */
export const cidShape = shape.bytes(36);
/** A signature of a hospital's duty key, with the hospital's id. */
export const hospitalSignatureShape = shape.struct({ hospital: shape.address, signature: shape.signature });
