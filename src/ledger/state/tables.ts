import type { PublicKey } from '../../base/brand.ts';
import { LIMITS } from '../../base/limits.ts';
import * as shape from '../../base/shape.ts';
import { type ValidatorSet, validatorSetShape } from '../../base/validators.ts';
import { RATING_MAX } from '../evaluation/rating.ts';
import { hospitalRecordShape } from '../families/payloads.ts';
import { parametersShape } from '../parameters.ts';
import { POLICY_LIMITS } from '../policy/limits.ts';
import {
  accessShape,
  categoryShape,
  cidShape,
  HOSPITAL_STATUSES,
  labelShape,
  PARTICIPANT_STATUSES,
  policyIdShape,
  purposeShape,
  READ_PATHS,
  recordIdShape,
  roleShape,
} from '../vocabulary.ts';
import { table } from './table.ts';

/** Every table of the state on one page. Ids in keys are lower-case hexadecimal. docs/specification/state-keys.md says the same. */

const epoch = shape.uint(1_000_000);
/** Versions that one record may have. */
export const VERSIONS_MAX = 10_000;

export const participantShape = shape.struct({
  role: roleShape,
  status: shape.oneOf(...PARTICIPANT_STATUSES),
  /** The hospital that sponsored the enrolment: it pays from its gas allowance and may admit and suspend. */
  home: shape.address,
  publicKey: shape.publicKey,
  /** SHA-256 of the first key (F1). */
  keyHash: shape.hash,
  signingKey: shape.publicKey,
  receivingKey: shape.publicKey,
  enrolledHeight: shape.heightShape,
});
export type Participant = shape.Shaped<typeof participantShape>;
/** participant/<id> */
export const participants = table<Participant, [id: string]>('participant', participantShape);

/** key/<address of the key> → the id it is bound to, for ever; a retired key signs nothing. */
export const keyBindings = table<{ readonly id: Uint8Array; readonly retired: boolean }, [keyAddress: string]>(
  'key',
  shape.struct({ id: shape.bytes(20), retired: shape.boolean }),
);
/** nonce/<id> → the next nonce */
export const nonces = table<number, [id: string]>('nonce', shape.uint());
/** handle/<hospital>/<handle> → the participant (F6) */
export const handles = table<Uint8Array, [hospital: string, handle: string]>('handle', shape.bytes(20));

export const hospitalShape = shape.struct({
  record: hospitalRecordShape,
  status: shape.oneOf(...HOSPITAL_STATUSES),
  admittedHeight: shape.heightShape,
});
export type Hospital = shape.Shaped<typeof hospitalShape>;
/** hospital/<id> */
export const hospitals = table<Hospital, [id: string]>('hospital', hospitalShape);
/**
 * hospital-key/<address of the key> → a key that stands or stood in a hospital's record, for ever: none serves two purposes or two
 * hospitals, and none comes back. Apart from `key/`, since these keys sign no transactions.
 */
export const hospitalKeys = table<
  { readonly hospital: Uint8Array; readonly use: 'account' | 'validator' | 'duty'; readonly retired: boolean },
  [keyAddress: string]
>(
  'hospital-key',
  shape.struct({
    hospital: shape.bytes(20),
    use: shape.oneOf('account', 'validator', 'duty'),
    retired: shape.boolean,
  }),
);
/** Hospitals that one consortium may ever have: every node connects to each. */
export const HOSPITALS_MAX = 128;
/** hospitals/all → ids, sorted by bytes: bounded, few, and needed as a list */
export const hospitalIds = table<readonly Uint8Array[], ['all']>(
  'hospitals',
  shape.list(shape.bytes(20), HOSPITALS_MAX),
);

/** Hospitals whose admission may be under vote at once. */
export const PENDING_HOSPITALS_MAX = 8;
const pendingHospitalShape = shape.struct({
  hospital: shape.address,
  /** The last height of the vote on it. */
  lastHeight: shape.heightShape,
});
/** hospitals/pending → those under vote: they leave no trace where they are not voted in */
export const pendingHospitals = table<readonly shape.Shaped<typeof pendingHospitalShape>[], ['pending']>(
  'hospitals',
  shape.list(pendingHospitalShape, PENDING_HOSPITALS_MAX),
);

export const delegatingKeyShape = shape.struct({ epoch, publicKey: shape.publicKey, label: labelShape });
export type DelegatingKey = shape.Shaped<typeof delegatingKeyShape>;
/** delegating/<patient>/<category> → the current epoch's key */
export const delegatingKeys = table<DelegatingKey, [patient: string, category: string]>(
  'delegating',
  delegatingKeyShape,
);
/** delegating-epoch/<patient>/<category>/<epoch> → that epoch's key, for ever: fragments and shares of earlier records are verified against it */
export const delegatingEpochs = table<PublicKey, [patient: string, category: string, epoch: string]>(
  'delegating-epoch',
  shape.publicKey,
);

export const recordShape = shape.struct({
  owner: shape.address,
  author: shape.address,
  /** Who made the envelope: the author, or the owner who rewrapped it. */
  sealedBy: shape.address,
  category: categoryShape,
  /** Of the delegating key that the envelope is for. */
  epoch,
  /** 1 for the first. */
  version: shape.uint(VERSIONS_MAX),
  cid: cidShape,
  ciphertextBytes: shape.uint(),
  envelopeHash: shape.hash,
  storedBy: shape.list(shape.address, LIMITS.holdersMax),
  /** The newest version's says it for all of them. */
  status: shape.oneOf('live', 'shredded'),
  registeredHeight: shape.heightShape,
  /** Access requests so far (Alg. 2). */
  requests: shape.uint(),
});
export type RecordRow = shape.Shaped<typeof recordShape>;
/** record/<record> → the newest version */
export const records = table<RecordRow, [record: string]>('record', recordShape);
/** record-version/<record>/<version> → earlier ones */
export const recordVersions = table<RecordRow, [record: string, version: string]>('record-version', recordShape);
/** content/<cid> → the record that holds it: the same hash twice is refused (F26) */
export const contents = table<Uint8Array, [cid: string]>('content', recordIdShape);
/** bundle/<patient> → how many records; bundle-item/<patient>/<n> → the nth (Alg. 1's bundle list) */
export const bundleCounts = table<number, [patient: string]>('bundle', shape.uint());
export const bundleItems = table<Uint8Array, [patient: string, n: string]>('bundle-item', recordIdShape);

export const grantShape = shape.struct({
  /** The transaction that granted. */
  grant: shape.hash,
  purposes: shape.list(purposeShape, LIMITS.purposesMax),
  access: accessShape,
  expires: shape.timestampShape,
  usesLeft: shape.nullable(shape.uint()),
  epochFrom: epoch,
  epochTo: epoch,
  grantedHeight: shape.heightShape,
  scheme: shape.text(32),
  grantId: shape.bytes(32),
  threshold: shape.uint(),
  oraclesMin: shape.uint(),
  oraclesMax: shape.uint(),
  holders: shape.list(shape.struct({ hospital: shape.address, fragmentsHash: shape.hash }), LIMITS.holdersMax),
});
export type GrantRow = shape.Shaped<typeof grantShape>;
/** grant/<patient>/<grantKey> (CHAIN.md, "Policy and gas") */
export const grants = table<GrantRow, [patient: string, grantKey: string]>('grant', grantShape);

export const requestShape = shape.struct({
  record: recordIdShape,
  owner: shape.address,
  requester: shape.address,
  purpose: purposeShape,
  height: shape.heightShape,
  timestampMs: shape.timestampShape,
  oraclesMin: shape.uint(),
  oraclesMax: shape.uint(),
  granted: shape.boolean,
  evaluated: shape.boolean,
});
export type AccessRequest = shape.Shaped<typeof requestShape>;
/** request/<transaction id> */
export const requests = table<AccessRequest, [request: string]>('request', requestShape);
/** answered-request/<transaction id of the grant> → the request that it answered */
export const answeredRequests = table<Uint8Array, [grant: string]>('answered-request', shape.hash);

export const readShape = shape.struct({
  record: recordIdShape,
  owner: shape.address,
  reader: shape.address,
  version: shape.uint(),
  /** The record's at that moment: the read opens no later envelope. */
  envelopeHash: shape.hash,
  purpose: purposeShape,
  freshKey: shape.publicKey,
  /** Which key path opens it (PRIVACY.md, "Emergencies"). */
  path: shape.oneOf(...READ_PATHS),
  /** All zero where no grant's shares open it. */
  grantId: shape.bytes(32),
  height: shape.heightShape,
  timestampMs: shape.timestampShape,
});
export type ReadRow = shape.Shaped<typeof readShape>;
/** read/<transaction id> → an allowed read */
export const reads = table<ReadRow, [read: string]>('read', readShape);
/** reads/<record>/<principal> → what a proof states beside the decision (CHAIN.md, "What a proof means") */
export const readCounts = table<
  { readonly allowed: number; readonly lastHeight: number },
  [record: string, principal: string]
>('reads', shape.struct({ allowed: shape.uint(), lastHeight: shape.uint() }));

const holdersNumber = shape.uint(LIMITS.holdersMax);
const answerShape = shape.struct({
  hospital: shape.address,
  /** SHA-256 of the share that it sent to the reader's device. */
  shareHash: shape.hash,
  timestampMs: shape.timestampShape,
  /** What the reader says of the share: c = 0 of Alg. 3 where it closes as `undelivered` or `wrong`. */
  claim: shape.oneOf('none', 'undelivered', 'published', 'wrong'),
});
export type Answer = shape.Shaped<typeof answerShape>;
const ratingShape = shape.struct({ hospital: shape.address, rating: shape.uint(RATING_MAX) });
export type Rated = shape.Shaped<typeof ratingShape>;
export const evaluationShape = shape.struct({
  owner: shape.address,
  reader: shape.address,
  /** The block time of the read: every latency runs from it. */
  readMs: shape.timestampShape,
  /** The grant that opened the read, and the key under which it stood. */
  grant: shape.hash,
  grantKey: shape.text(128),
  threshold: holdersNumber,
  oraclesMin: holdersNumber,
  /** At most the number of holders. */
  oraclesMax: holdersNumber,
  /** As they stood in the grant when it was read under. */
  holders: shape.list(shape.struct({ hospital: shape.address, fragmentsHash: shape.hash }), LIMITS.holdersMax, 1),
  /** In the order of the chain; at most one of each holder. */
  answers: shape.list(answerShape, LIMITS.holdersMax),
  /** The last block time at which anything is taken. */
  closesMs: shape.timestampShape,
  state: shape.oneOf('open', 'evaluated', 'failed'),
  /** Of those rated, in the order of the holders; empty while open. */
  ratings: shape.list(ratingShape, LIMITS.holdersMax),
  winner: shape.nullable(shape.address),
});
export type Evaluation = shape.Shaped<typeof evaluationShape>;
/** evaluation/<transaction id of the read> → how its holders answered it (Alg. 3); a read that no grant opened has none; gone some days after it closed (T-69) */
export const evaluations = table<Evaluation, [read: string]>('evaluation', evaluationShape);
/** reputation/<hospital> → the ratings so far, the initial one included: absent means that one alone */
export const reputations = table<{ readonly sum: number; readonly count: number }, [hospital: string]>(
  'reputation',
  shape.struct({ sum: shape.uint(), count: shape.uint() }),
);
export const proposalShape = shape.struct({
  proposer: shape.address,
  change: shape.text(32),
  /** Canonical bytes of the proposed value. */
  value: shape.bytes(0, LIMITS.transactionBytesMax),
  height: shape.heightShape,
  /** The last height at which a vote counts. */
  lastHeight: shape.heightShape,
  votes: shape.list(shape.struct({ hospital: shape.address, yes: shape.boolean }), LIMITS.validatorsMax),
  status: shape.oneOf('open', 'passed', 'rejected'),
});
export type Proposal = shape.Shaped<typeof proposalShape>;
/** proposal/<transaction id> */
export const proposals = table<Proposal, [proposal: string]>('proposal', proposalShape);

/** consortium/validators: the set of the next height; consortium/parameters, consortium/policies */
export const validatorSets = table<shape.Shaped<typeof validatorSetShape>, ['validators']>(
  'consortium',
  validatorSetShape,
);
export const parameterRows = table<shape.Shaped<typeof parametersShape>, ['parameters']>('consortium', parametersShape);
const constitutionText = shape.text(LIMITS.policyTextBytesMax);
export const policyRows = table<{ readonly version: number; readonly text: string }, ['policies']>(
  'consortium',
  shape.struct({ version: shape.uint(), text: constitutionText }),
);
/** consortium/schema → SHA-256 of the schema in the genesis; absent where that has none */
export const schemaRows = table<Uint8Array, ['schema']>('consortium', shape.hash);
const policyScheduleShape = shape.struct({
  proposal: shape.hash,
  /** The first height that these policies decide. */
  activationHeight: shape.heightShape,
  version: shape.uint(),
  text: constitutionText,
});
/** consortium/policy-schedule → the policies that were voted and are to come */
export const policySchedules = table<shape.Shaped<typeof policyScheduleShape>, ['policy-schedule']>(
  'consortium',
  policyScheduleShape,
);
/** past-policies/<version> → the consortium's policies of an earlier version, and the last height that they decided */
export const pastPolicies = table<{ readonly text: string; readonly lastHeight: number }, [version: string]>(
  'past-policies',
  shape.struct({ text: constitutionText, lastHeight: shape.heightShape }),
);

const policyText = shape.text(POLICY_LIMITS.patientPolicyBytesMax);
const patientSetShape = shape.struct({
  policies: shape.list(
    shape.struct({ policy: policyIdShape, version: shape.uint(), text: policyText }),
    POLICY_LIMITS.patientPoliciesMax,
    1,
  ),
});
export type PatientSet = shape.Shaped<typeof patientSetShape>;
/** patient-policies/<patient> → what decides about that patient's records beside the consortium's policies; absent where nothing does */
export const patientSets = table<PatientSet, [patient: string]>('patient-policies', patientSetShape);
const patientPolicyShape = shape.struct({ version: shape.uint(), status: shape.oneOf('standing', 'retired') });
/** patient-policy/<patient>/<policy> → its newest version, for ever: a retired id does not come back */
export const patientPolicies = table<shape.Shaped<typeof patientPolicyShape>, [patient: string, policy: string]>(
  'patient-policy',
  patientPolicyShape,
);
/** patient-policy-version/<patient>/<policy>/<version> → its text, and the height that brought it */
export const patientPolicyVersions = table<
  { readonly text: string; readonly height: number },
  [patient: string, policy: string, version: string]
>('patient-policy-version', shape.struct({ text: policyText, height: shape.heightShape }));

/** An epoch is a run of heights that one set decides; they are numbered from 0. */
const epochShape = shape.struct({
  number: shape.uint(),
  /** The first height that the present set decides. */
  since: shape.heightShape,
  /** The oldest epoch whose set is still kept. */
  oldest: shape.uint(),
});
export type Epoch = shape.Shaped<typeof epochShape>;
/** consortium/epoch → the present one */
export const epochRows = table<Epoch, ['epoch']>('consortium', epochShape);
/** validators/<epoch> → the set of a past epoch, and the first height that it decided */
export const pastSets = table<{ readonly since: number; readonly validators: ValidatorSet }, [epoch: string]>(
  'validators',
  shape.struct({ since: shape.uint(), validators: validatorSetShape }),
);
const scheduleShape = shape.struct({
  proposal: shape.hash,
  /** The first height that `validators` decides. */
  activationHeight: shape.heightShape,
  validators: validatorSetShape,
});
export type Schedule = shape.Shaped<typeof scheduleShape>;
/** consortium/schedule → the one change of the set that was voted and is to come */
export const schedules = table<Schedule, ['schedule']>('consortium', scheduleShape);

/** evidence/<offence id> → the height of the block that holds it */
export const evidenceRows = table<number, [id: string]>('evidence', shape.uint());
/** evidence-order/<n> → the nth offence on this chain, as long as it is kept */
export const evidenceOrder = table<Uint8Array, [n: string]>('evidence-order', shape.hash);
const evidenceBookShape = shape.struct({
  /** Evidence of lower heights is refused for ever: what would tell whether it was shown before is gone. */
  floor: shape.heightShape,
  /** Offences kept: numbers `first` to `next` − 1. */
  first: shape.uint(),
  next: shape.uint(),
});
export type EvidenceBook = shape.Shaped<typeof evidenceBookShape>;
/** consortium/evidence */
export const evidenceBooks = table<EvidenceBook, ['evidence']>('consortium', evidenceBookShape);
