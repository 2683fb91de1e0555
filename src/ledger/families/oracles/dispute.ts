import type { Hash } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import type { LedgerCode } from '../../codes.ts';
import type { DisputedShare } from '../../evaluation/share-judge.ts';
import { LEDGER_GAS } from '../../gas.ts';
import { readKeysOf } from '../../grant-keys.ts';
import { readUid } from '../../principal.ts';
import { standingVersion } from '../../record-version.ts';
import { fragmentsHashOf } from '../../signed-words.ts';
import type { StateReader } from '../../state/table.ts';
import { reads } from '../../state/tables.ts';
import { type ApplySetting, event, type Kind, NO_SIGNATURES, type Setting } from '../kind.ts';
import type { WrongClaim } from '../payloads.ts';
import { concernOfRead, type OpenAnswer, openAnswer, setClaim } from './disputed-answer.ts';

/**
 * A proof goes on chain in a dispute alone (PRIVACY.md, "A record", 5). `undelivered` rates 0 unless the holder then publishes the share; `wrong`
 * rates 0 at once where its proof holds, and fails where the share is right. After `undelivered` what was published may still be wrong.
 */
export const dispute: Kind<'dispute'> = {
  signatures: NO_SIGNATURES,
  work: (_state, { claim }) => (claim.kind === 'wrong' ? LEDGER_GAS.shareProof : 0),
  asks: (_setting, _state, { read }) => [{ resource: readUid(read), context: {} }],
  concern: concernOfRead,
  apply: (setting, state, { read, holder, claim }) => {
    const found = openAnswer(setting, state, read, holder);
    if (!found.ok) return found;
    const said = found.value.answer.claim;
    if (said === 'wrong' || (claim.kind === 'undelivered' && said !== 'none')) return refuse('dispute.repeated');
    if (claim.kind === 'wrong') {
      const proved = checkWrong(setting, state, read, found.value, claim);
      if (!proved.ok) return proved;
    }
    setClaim(setting, state, read, found.value, claim.kind);
    return ok([event('ShareDisputed', holder, read), event('ShareDisputed', setting.sender, read)]);
  },
};

/** Held to what the chain knows first, to the scheme then. */
function checkWrong(
  setting: ApplySetting,
  state: StateReader,
  readId: Hash,
  { open, answer }: OpenAnswer,
  claim: WrongClaim,
): Result<null, LedgerCode> {
  const { primitives, judgeShare } = setting;
  if (!equal(primitives.hash(claim.share), answer.shareHash)) return refuse('dispute.other-share');
  const held = open.holders.find(({ hospital }) => equal(hospital, answer.hospital));
  if (held === undefined || !equal(fragmentsHashOf(primitives, claim.fragmentIds), held.fragmentsHash))
    return refuse('dispute.other-fragments');
  const disputed = disputedShare(setting, state, readId, answer.hospital, claim);
  if (disputed === undefined) return refuse('dispute.malformed-proof');
  const verdict = judgeShare(primitives, disputed);
  if (!verdict.ok) return verdict;
  return verdict.value === 'wrong' ? ok(null) : refuse('dispute.share-right');
}

/** Undefined where the reader is nobody to whom a share could be sealed: a hospital. */
function disputedShare(
  { chainId }: Setting,
  state: StateReader,
  readId: Hash,
  holder: DisputedShare['holder'],
  claim: WrongClaim,
): DisputedShare | undefined {
  const read = reads.get(state, toHex(readId));
  const record = read && standingVersion(state, { record: toHex(read.record), version: read.version });
  if (read === undefined || record === undefined) return undefined;
  const keys = readKeysOf(state, readId, read, record);
  return keys && { chainId, readId, read, record, keys, holder, claim };
}
