import type { Address, Hash, Height, PublicKey, Signature } from '../../../base/brand.ts';
import { signingDigest } from '../../../base/digest.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import * as shape from '../../../base/shape.ts';
import type { ValidatorSet } from '../../../base/validators.ts';
import type { LedgerCode } from '../../codes.ts';
import { changeDelayOf } from '../../parameters.ts';
import { hospitalUid } from '../../principal.ts';
import { validatorPossessionBytes } from '../../signed-words.ts';
import type { StateWriter } from '../../state/table.ts';
import { schedules, validatorSets } from '../../state/tables.ts';
import type { ApplySetting } from '../kind.ts';
import { type Change, change } from './change.ts';
import { bindKey, isKeyFree } from './hospital-keys.ts';
import { hasActiveQuorum } from './hospital-rows.ts';
import { type Plan, planAdding, planRemoving, planRotating } from './validator-plans.ts';

interface Removal {
  readonly hospital: Address;
  /** The first height that the changed set decides. */
  readonly activationHeight: Height;
}
interface KeyChange extends Removal {
  readonly validatorKey: PublicKey;
  /** `validatorKey` over `validatorPossessionBytes`. */
  readonly possession: Signature;
}

const removalFields = { hospital: shape.address, activationHeight: shape.heightShape };
const keyChangeShape = shape.struct({
  ...removalFields,
  validatorKey: shape.publicKey,
  possession: shape.signature,
});
const context: Change<Removal>['context'] = ({ hospital }) => ({ hospital: hospitalUid(hospital) });
const presentSet = (state: StateWriter): ValidatorSet => validatorSets.get(state, 'validators') ?? [];

export const removeValidator = change<Removal>({
  shape: shape.struct(removalFields),
  context,
  propose: (setting, state, value, lastHeight) => {
    const plan = planRemoving(presentSet(state), value.hospital);
    return plan.ok ? checkTimes(setting, value, lastHeight) : plan;
  },
  enact: (setting, state, value, proposal) =>
    schedule(setting, state, value, proposal, planRemoving(presentSet(state), value.hospital)),
});

const keyChange = (planOf: (state: StateWriter, value: KeyChange) => Plan): Change<unknown> =>
  change<KeyChange>({
    shape: keyChangeShape,
    signatures: 1,
    context,
    propose: (setting, state, value, lastHeight) => {
      const plan = planOf(state, value);
      if (!plan.ok) return plan;
      const key = checkKey(setting, state, value);
      return key.ok ? checkTimes(setting, value, lastHeight) : key;
    },
    enact: (setting, state, value, proposal) => {
      const { primitives } = setting;
      if (!isKeyFree(primitives, state, value.validatorKey)) return refuse('governance.key-in-use');
      const scheduled = schedule(setting, state, value, proposal, planOf(state, value));
      if (scheduled.ok) bindKey(primitives, state, value.validatorKey, value.hospital, 'validator');
      return scheduled;
    },
  });

export const addValidator = keyChange((state, { hospital, validatorKey }) =>
  planAdding(state, presentSet(state), hospital, validatorKey),
);
export const rotateValidatorKey = keyChange((state, { hospital, validatorKey }) =>
  planRotating(presentSet(state), hospital, validatorKey),
);

function checkKey(
  { primitives, chainId }: ApplySetting,
  state: StateWriter,
  { hospital, validatorKey, possession }: KeyChange,
): Result<null, LedgerCode> {
  if (!isKeyFree(primitives, state, validatorKey)) return refuse('governance.key-in-use');
  const bytes = validatorPossessionBytes(chainId, hospital, validatorKey);
  const digest = signingDigest(primitives, 'validator-possession', bytes);
  return primitives.verify(digest, possession, validatorKey) ? ok(null) : refuse('governance.no-possession');
}

const checkDelay = (setting: ApplySetting, { activationHeight }: Removal): Result<null, LedgerCode> => {
  const earliest = setting.height + changeDelayOf(setting.engine, setting.parameters);
  return activationHeight >= earliest ? ok(null) : refuse('governance.too-soon', { earliest });
};

/** Nor may it wait longer than a vote may last: until it is active, no other change can be scheduled. */
function checkTimes(setting: ApplySetting, value: Removal, lastHeight: number): Result<null, LedgerCode> {
  const latest = lastHeight + changeDelayOf(setting.engine, setting.parameters);
  return value.activationHeight <= latest ? checkDelay(setting, value) : refuse('governance.too-late', { latest });
}

/** One at a time: the next set is known from the passing vote on, and nothing can come between. */
function schedule(
  setting: ApplySetting,
  state: StateWriter,
  value: Removal,
  proposal: Hash,
  plan: Plan,
): Result<null, LedgerCode> {
  if (schedules.get(state, 'schedule') !== undefined) return refuse('governance.change-scheduled');
  const timely = checkDelay(setting, value);
  if (!timely.ok) return timely;
  if (!plan.ok) return plan;
  if (!hasActiveQuorum(state, plan.value)) return refuse('hospital.quorum');
  const { activationHeight } = value;
  schedules.set(state, { proposal, activationHeight, validators: plan.value }, 'schedule');
  return ok(null);
}
