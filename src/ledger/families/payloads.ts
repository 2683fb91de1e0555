import { LIMITS } from '../../base/limits.ts';
import { refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import { type SealedReason, sealedReasonShape } from '../../crypto/break-glass-reason.ts';
import { ANSWERS_MAX, FRAGMENT_IDS_MAX, SHARE_BYTES_MAX } from '../evaluation/limits.ts';
import { POLICY_LIMITS } from '../policy/limits.ts';
import {
  accessShape,
  categoryShape,
  cidShape,
  findingShape,
  hospitalSignatureShape,
  labelShape,
  policyIdShape,
  purposeShape,
  recordIdShape,
  roleShape,
  tierShape,
} from '../vocabulary.ts';
import { GUARDIAN_PAYLOADS } from './guardians/payloads.ts';

/** The payload of every kind of transaction, field by field, on one page. A kind's rules stand in its family's file. */

const hospitalFields = {
  /** A public name, shown to people. */
  name: shape.text(120),
  tier: tierShape,
  accountKey: shape.publicKey,
  /** Signs votes; null for a hospital that does not validate. */
  validatorKey: shape.nullable(shape.publicKey),
  /** Signs storage and fragment receipts. */
  dutyKey: shape.publicKey,
  /** libp2p peer id of its Ed25519 key. */
  peerId: shape.text(80, /^[1-9A-HJ-NP-Za-km-z]+$/),
  addresses: shape.list(shape.text(200), 8),
};
export const hospitalRecordShape = shape.struct(hospitalFields);
/** One that asks to join validates nothing yet: its key is voted in apart, with proof that it is held. */
export const candidateShape: shape.Shape<shape.Shaped<typeof hospitalRecordShape>> = (value, path) => {
  const read = hospitalRecordShape(value, path);
  if (!read.ok) return read;
  return read.value.validatorKey === null ? read : refuse('shape.out-of-range', { path: `${path}.validatorKey` });
};

const granteeShape = shape.struct({
  /** `desk`: a hospital's emergency desk, for break-glass alone. */
  type: shape.oneOf('person', 'hospital', 'role', 'desk'),
  /** An address in hex, or the name of a role. */
  id: shape.text(64, /^[a-z0-9-]+$/),
});

const readFields = { record: recordIdShape, purpose: purposeShape, freshKey: shape.publicKey };
const plainReadShape = shape.struct(readFields);
const glassReadShape = shape.struct({ ...readFields, reason: sealedReasonShape });
type ReadPayload = shape.Shaped<typeof plainReadShape> & {
  /** For the patient and those who review: there where the purpose is BTG, and nowhere else. */
  readonly reason?: SealedReason;
};
const readShape: shape.Shape<ReadPayload> = (value, path) => {
  const map = shape.anyMap(value, path);
  if (!map.ok) return map;
  return map.value.purpose === 'BTG' ? glassReadShape(value, path) : plainReadShape(value, path);
};

const storageShape = shape.list(hospitalSignatureShape, LIMITS.holdersMax);

const shareBytes = shape.bytes(1, SHARE_BYTES_MAX);
const undeliveredShape = shape.struct({ kind: shape.oneOf('undelivered') });
/** What proves it, all of it from the reader's device; the judge says of what form (`evaluation/share-judge.ts`). */
const wrongShape = shape.struct({
  kind: shape.oneOf('wrong'),
  /** As it was committed: sealed to the fresh key of the read. */
  share: shareBytes,
  freshSecret: shape.bytes(32),
  capsule: shape.bytes(1, 256),
  /** SHA-256 of what the envelope holds beside the capsule. */
  envelopeRest: shape.hash,
  salt: shape.bytes(32),
  /** All that the holder got with the grant, as its receipt names them. */
  fragmentIds: shape.list(shape.hash, FRAGMENT_IDS_MAX, 1),
});
export type WrongClaim = shape.Shaped<typeof wrongShape>;
export type ShareClaim = shape.Shaped<typeof undeliveredShape> | WrongClaim;
const claimShape: shape.Shape<ShareClaim> = (value, path) => {
  const map = shape.anyMap(value, path);
  if (!map.ok) return map;
  return map.value.kind === 'wrong' ? wrongShape(value, path) : undeliveredShape(value, path);
};

/** ASCII without control characters, so that a character is a byte and nothing hides in it. */
const patientPolicyText = shape.text(POLICY_LIMITS.patientPolicyBytesMax, /^[\x20-\x7e\n]*$/);

export const PAYLOADS = {
  /** A new id, sponsored by an admitted hospital (F1, F6, F8). The transaction's own key becomes the id's first key. */
  enrol: shape.struct({
    role: roleShape,
    hospital: shape.address,
    /** Keyed token of the person's identity, unique at that hospital; no dictionary opens it (F6). */
    handle: shape.hash,
    signingKey: shape.publicKey,
    receivingKey: shape.publicKey,
    /** The hospital's account key over `enrolmentBytes`. */
    sponsorSignature: shape.signature,
  }),
  admit: shape.struct({ participant: shape.address }),
  suspend: shape.struct({ participant: shape.address }),
  reinstate: shape.struct({ participant: shape.address }),
  /** Binds a new key to the sender's id and retires the old. `possession`: the new key over `possessionBytes`. */
  rotateKey: shape.struct({ newKey: shape.publicKey, possession: shape.signature }),
  /** Epoch 0 opens a category; the next epoch replaces the key for later records (F30). */
  publishDelegatingKey: shape.struct({
    category: categoryShape,
    epoch: shape.uint(1_000_000),
    publicKey: shape.publicKey,
    label: labelShape,
  }),

  registerRecord: shape.struct({
    record: recordIdShape,
    owner: shape.address,
    category: categoryShape,
    epoch: shape.uint(1_000_000),
    cid: cidShape,
    ciphertextBytes: shape.uint(),
    /** Salted: the envelope itself is erasable and stays off chain. */
    envelopeHash: shape.hash,
    storage: storageShape,
  }),
  /** A new version of the same record; the versions form a chain (F38). */
  amendRecord: shape.struct({
    record: recordIdShape,
    epoch: shape.uint(1_000_000),
    cid: cidShape,
    ciphertextBytes: shape.uint(),
    envelopeHash: shape.hash,
    storage: storageShape,
  }),
  /** A new envelope for the newest version, under the category's current key; the ciphertext stays. */
  rewrap: shape.struct({
    record: recordIdShape,
    epoch: shape.uint(1_000_000),
    envelopeHash: shape.hash,
    storage: storageShape,
  }),
  /** Every version's envelope, salt and ciphertext leave every node; the row stays as a tombstone (F47). */
  shred: shape.struct({ record: recordIdShape }),

  /** Alg. 2 `requestRecord` (F27). */
  requestAccess: shape.struct({
    record: recordIdShape,
    /** Must hash to the caller's address. */
    doctorPublicKey: shape.publicKey,
    purpose: purposeShape,
    oraclesMin: shape.uint(LIMITS.holdersMax),
    oraclesMax: shape.uint(LIMITS.holdersMax),
  }),
  grant: shape.struct({
    grantee: granteeShape,
    categories: shape.list(
      shape.struct({ category: categoryShape, epochFrom: shape.uint(1_000_000), epochTo: shape.uint(1_000_000) }),
      LIMITS.grantCategoriesMax,
      1,
    ),
    purposes: shape.list(purposeShape, LIMITS.purposesMax, 1),
    access: accessShape,
    /** Block time from which the grant covers nothing, ms (F29). */
    expires: shape.uint(),
    /** Reads that it allows; null: any number until it expires. */
    uses: shape.nullable(shape.uint(1_000_000)),
    /** The request that it answers, if one. */
    request: shape.nullable(shape.hash),
    /** How shares reach the grantee; all zero and empty for a grant that opens nothing. */
    delivery: shape.struct({
      scheme: shape.text(32, /^[a-z0-9-]+$/),
      /** Chosen by the patient's device; fragments name it. */
      grantId: shape.bytes(32),
      threshold: shape.uint(LIMITS.holdersMax),
      oraclesMin: shape.uint(LIMITS.holdersMax),
      oraclesMax: shape.uint(LIMITS.holdersMax),
      holders: shape.list(
        shape.struct({
          hospital: shape.address,
          /** SHA-256 of the holder's fragment ids, by category and epoch: what its receipt signs. */
          fragmentsHash: shape.hash,
          receipt: shape.signature,
        }),
        LIMITS.holdersMax,
      ),
    }),
  }),
  revoke: shape.struct({ grantee: granteeShape, category: categoryShape }),
  /** A read is a transaction: only its applied receipt opens anything. `freshKey`: what shares are sealed to. */
  readRecord: readShape,
  /** The key of the sender's emergency desk; a new one replaces it. `possession`: that key over `deskPossessionBytes`. */
  publishDeskKey: shape.struct({ receivingKey: shape.publicKey, possession: shape.signature }),
  /** Another hospital's word on a break of the glass (F50). */
  closeReview: shape.struct({ read: shape.hash, finding: findingShape }),

  /** Alg. 3 `addOracleResponse` (F34): holders commit the shares that they have sent to the readers' devices, in one batch. */
  respond: shape.struct({
    answers: shape.list(shape.struct({ read: shape.hash, shareHash: shape.hash }), ANSWERS_MAX, 1),
  }),
  /** The reader says, before the evaluation closes, what is amiss with a committed share. */
  dispute: shape.struct({ read: shape.hash, holder: shape.address, claim: claimShape }),
  /** A holder's answer to `undelivered`: the committed share for all to see, still sealed to the reader's fresh key. */
  publishShare: shape.struct({ read: shape.hash, share: shareBytes }),

  ...GUARDIAN_PAYLOADS,

  /** A policy of the sender's own set: see `policy/patient-form.ts`. */
  deployPolicy: shape.struct({ policy: policyIdShape, text: patientPolicyText }),
  /** A new version under the same id. */
  amendPolicy: shape.struct({ policy: policyIdShape, text: patientPolicyText }),
  retirePolicy: shape.struct({ policy: policyIdShape }),

  propose: shape.struct({
    change: shape.text(32, /^[a-zA-Z]+$/),
    /** Shaped by `change`: see `governance/changes.ts`. */
    value: shape.anyMap,
  }),
  vote: shape.struct({ proposal: shape.hash, choice: shape.oneOf('yes', 'no') }),
} as const;

export type KindName = keyof typeof PAYLOADS;
export type Payload<K extends KindName> = shape.Shaped<(typeof PAYLOADS)[K]>;
export type HospitalRecord = shape.Shaped<typeof hospitalRecordShape>;
export type Grantee = shape.Shaped<typeof granteeShape>;
