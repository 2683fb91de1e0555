import type { Address, Hash } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { HolderShare } from '../crypto/combine-shares.ts';
import { shareHashOf } from '../crypto/read-share.ts';
import { type Evaluation, evaluations } from '../ledger/state/tables.ts';
import type { AllowedRead } from './allowed-read.ts';
import { provenRow } from './proven.ts';
import type { Session } from './session.ts';
import type { OpenedShares } from './shares.ts';

/** What one holder of a read's grant has done, by the chain and by what reached this device. */
export interface ReviewedShare {
  readonly holder: Address;
  /**
   * `right`: the committed share came, and holds. `wrong`: the committed share came, and does not hold. `differs`: another share came than the committed one,
   * and whose fault that is cannot be told here: any hospital on the way may have altered it. `missing`: committed, and none came. `uncommitted`: the chain
   * holds no hash of this holder (yet).
   */
  readonly standing: 'right' | 'wrong' | 'differs' | 'missing' | 'uncommitted';
  /** What the reader may claim on chain (dispute.ts); null where there is nothing to claim, or where it was claimed or closed already. */
  readonly dispute: 'wrong' | 'undelivered' | null;
}

/**
 * Holds what reached the device to what the holders have committed, as the chain proves it now. Hospitals commit in the blocks after a read, so this
 * comes after the record was opened, and may be asked again.
 */
export async function reviewShares(
  session: Session,
  { sent }: AllowedRead,
  opened: Pick<OpenedShares, 'shares' | 'wrong'>,
): Promise<Result<readonly ReviewedShare[]>> {
  const evaluation = await provenRow(session, evaluations, toHex(sent.id));
  if (!evaluation.ok) return evaluation;
  const of = evaluation.value;
  if (of === undefined) return refuse('client-read.not-evaluated');
  return ok(of.holders.map(({ hospital }) => reviewOf(session, of, hospital as Address, opened)));
}

function reviewOf(
  { device }: Session,
  evaluation: Evaluation,
  holder: Address,
  { shares, wrong }: Pick<OpenedShares, 'shares' | 'wrong'>,
): ReviewedShare {
  const answer = answerOf(evaluation, holder);
  if (answer === undefined) return { holder, standing: 'uncommitted', dispute: null };
  const came = shares.find((one) => equal(one.holder, holder));
  const same = came !== undefined && equal(shareHashOf(device.primitives, came.share), answer.shareHash as Hash);
  const isWrong = wrong.some((one) => equal(one.holder, holder));
  const standing = came === undefined ? 'missing' : !same ? 'differs' : isWrong ? 'wrong' : 'right';
  const isOpen = evaluation.state === 'open';
  if (!isOpen || standing === 'right') return { holder, standing, dispute: null };
  if (standing === 'wrong') return { holder, standing, dispute: answer.claim === 'wrong' ? null : 'wrong' };
  return { holder, standing, dispute: answer.claim === 'none' ? 'undelivered' : null };
}

const answerOf = ({ answers }: Evaluation, holder: Address) => answers.find(({ hospital }) => equal(hospital, holder));

/** Whether this is the very share that its holder has committed: the chain can judge no other. */
export async function isCommitted(
  session: Session,
  { sent }: AllowedRead,
  { holder, share }: Pick<HolderShare, 'holder' | 'share'>,
): Promise<Result<boolean>> {
  const evaluation = await provenRow(session, evaluations, toHex(sent.id));
  if (!evaluation.ok) return evaluation;
  const answer = evaluation.value && answerOf(evaluation.value, holder);
  return ok(answer !== undefined && equal(shareHashOf(session.device.primitives, share), answer.shareHash as Hash));
}
