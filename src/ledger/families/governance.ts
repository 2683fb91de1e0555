import type { Address, PublicKey } from '../../base/brand.ts';
import { compareBytes, equal, toHex } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { addressOf } from '../../base/digest.ts';
import { LIMITS } from '../../base/limits.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { Shape } from '../../base/shape.ts';
import * as shape from '../../base/shape.ts';
import { quorumOf } from '../../base/validators.ts';
import type { LedgerCode } from '../codes.ts';
import { parametersShape } from '../parameters.ts';
import { CONSORTIUM } from '../principal.ts';
import type { StateReader, StateWriter } from '../state/table.ts';
import {
  HOSPITALS_MAX,
  hospitalIds,
  hospitals,
  keyBindings,
  type Proposal,
  parameterRows,
  proposals,
  validatorSets,
} from '../state/tables.ts';
import { HOSPITAL_STATUSES, type HospitalStatus, tierShape } from '../vocabulary.ts';
import { event, type Kind, NO_CONCERN, NO_SIGNATURES, type Setting } from './kind.ts';
import { type HospitalRecord, hospitalRecordShape } from './payloads.ts';

/** What can be voted on. Validator changes and policies join this table in their own steps (docs/features.md, F4, F17). */
interface Change<T> {
  readonly shape: Shape<T>;
  apply(setting: Setting, state: StateWriter, value: T): Result<null, LedgerCode>;
}
const change = <T>(valueShape: Shape<T>, apply: Change<T>['apply']): Change<unknown> =>
  ({ shape: valueShape, apply }) as Change<unknown>;

const CHANGES: ReadonlyMap<string, Change<unknown>> = new Map([
  ['admitHospital', change(hospitalRecordShape, admitHospital)],
  [
    'setHospitalStatus',
    change(shape.struct({ hospital: shape.address, status: shape.oneOf(...HOSPITAL_STATUSES) }), setHospitalStatus),
  ],
  [
    'setHospitalTier',
    change(shape.struct({ hospital: shape.address, tier: tierShape }), (_, state, value) =>
      updateHospital(state, value.hospital, (row) => ({ ...row, record: { ...row.record, tier: value.tier } })),
    ),
  ],
  ['setParameter', change(shape.struct({ name: shape.text(64), value: shape.uint() }), setParameter)],
]);

export const propose: Kind<'propose'> = {
  signatures: NO_SIGNATURES,
  asks: (_setting, _state, payload) => [{ resource: CONSORTIUM, context: { change: payload.change } }],
  concern: () => NO_CONCERN,
  apply: (setting, state, payload) => {
    const known = CHANGES.get(payload.change);
    if (known === undefined || !known.shape(payload.value, 'value').ok) return refuse('proposal.malformed');
    const { sender, height, transactionId } = setting;
    const value = encode(payload.value as Canonical);
    const proposal: Proposal = { proposer: sender, change: payload.change, value, height, votes: [], status: 'open' };
    proposals.set(state, proposal, toHex(transactionId));
    return ok([event('Proposed', sender, transactionId)]);
  },
};

/** Tallied at once by the set of this height: more than the threshold passes; too few left to pass rejects. */
export const vote: Kind<'vote'> = {
  signatures: NO_SIGNATURES,
  asks: () => [{ resource: CONSORTIUM, context: {} }],
  concern: () => NO_CONCERN,
  apply: (setting, state, { proposal: id, choice }) => {
    const proposal = proposals.get(state, toHex(id));
    if (proposal === undefined) return refuse('proposal.unknown');
    const expiry = parameterRows.get(state, 'parameters')?.proposalExpiryHeights ?? 0;
    if (proposal.status !== 'open' || setting.height > proposal.height + expiry) return refuse('proposal.closed');
    if (proposal.votes.some(({ hospital }) => equal(hospital, setting.sender))) return refuse('proposal.voted');
    const votes = [...proposal.votes, { hospital: setting.sender, yes: choice === 'yes' }];
    const status = tally(state, votes);
    if (status === 'passed') {
      const applied = enact(setting, state, proposal);
      if (!applied.ok) return applied;
    }
    proposals.set(state, { ...proposal, votes, status }, toHex(id));
    return ok(status === 'open' ? [] : [event(status === 'passed' ? 'Passed' : 'Rejected', proposal.proposer, id)]);
  },
};

function tally(state: StateReader, votes: Proposal['votes']): Proposal['status'] {
  const members = validatorSets.get(state, 'validators') ?? [];
  const parameters = parameterRows.get(state, 'parameters');
  const numerator = parameters?.voteThresholdNumerator ?? 2;
  const denominator = parameters?.voteThresholdDenominator ?? 3;
  const passes = (yes: number): boolean => yes * denominator > numerator * members.length;
  const counted = votes.filter(({ hospital }) => members.some(({ id }) => equal(id, hospital)));
  const yes = counted.filter((cast) => cast.yes).length;
  if (passes(yes)) return 'passed';
  return passes(members.length - (counted.length - yes)) ? 'open' : 'rejected';
}

function enact(setting: Setting, state: StateWriter, proposal: Proposal): Result<null, LedgerCode> {
  const known = CHANGES.get(proposal.change);
  const bytes = decode(proposal.value, LIMITS.transactionBytesMax);
  const value = known !== undefined && bytes.ok ? known.shape(bytes.value, 'value') : undefined;
  if (known === undefined || value === undefined || !value.ok) return refuse('proposal.malformed');
  return known.apply(setting, state, value.value);
}

/** Writes a hospital's rows: at genesis, and when one is voted in. Its id is the address of its account key. */
export function writeHospital(
  state: StateWriter,
  id: Address,
  record: HospitalRecord,
  admittedHeight: Setting['height'],
): void {
  keyBindings.set(state, { id, retired: false }, toHex(id));
  hospitals.set(state, { record, status: 'active', admittedHeight }, toHex(id));
  const others = hospitalIds.get(state, 'all') ?? [];
  hospitalIds.set(state, [...others, id].sort(compareBytes), 'all');
}

function admitHospital(setting: Setting, state: StateWriter, record: HospitalRecord): Result<null, LedgerCode> {
  const id = addressOf(setting.primitives, record.accountKey as PublicKey);
  if (keyBindings.get(state, toHex(id)) !== undefined) return refuse('hospital.exists');
  if ((hospitalIds.get(state, 'all') ?? []).length >= HOSPITALS_MAX) return refuse('hospital.too-many');
  writeHospital(state, id, record, setting.height);
  return ok(null);
}

/** Validators that are not active neither vote nor are connected to: enough must remain to decide, and to undo this. */
function setHospitalStatus(
  _setting: Setting,
  state: StateWriter,
  { hospital, status }: { readonly hospital: Address; readonly status: HospitalStatus },
): Result<null, LedgerCode> {
  const changed = updateHospital(state, hospital, (row) => ({ ...row, status }));
  if (!changed.ok) return changed;
  const members = validatorSets.get(state, 'validators') ?? [];
  const left = members.filter(({ id }) => hospitals.get(state, toHex(id))?.status === 'active').length;
  return left >= quorumOf(members.length) ? ok(null) : refuse('hospital.quorum', { left });
}

type HospitalRow = NonNullable<ReturnType<typeof hospitals.get>>;

function updateHospital(
  state: StateWriter,
  id: Address,
  update: (row: HospitalRow) => HospitalRow,
): Result<null, LedgerCode> {
  const row = hospitals.get(state, toHex(id));
  if (row === undefined) return refuse('hospital.unknown');
  hospitals.set(state, update(row), toHex(id));
  return ok(null);
}

function setParameter(
  _setting: Setting,
  state: StateWriter,
  { name, value }: { readonly name: string; readonly value: number },
): Result<null, LedgerCode> {
  const current = parameterRows.get(state, 'parameters');
  if (current === undefined || !Object.hasOwn(current, name)) return refuse('proposal.parameter', { name });
  const next = parametersShape({ ...current, [name]: value }, 'parameters');
  if (!next.ok) return refuse('proposal.parameter', { name });
  parameterRows.set(state, next.value, 'parameters');
  return ok(null);
}
