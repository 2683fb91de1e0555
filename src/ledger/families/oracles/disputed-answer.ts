import type { Address, Hash } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import type { LedgerCode } from '../../codes.ts';
import { isOpen, setClaimed } from '../../evaluation/deadlines.ts';
import { stillOpens } from '../../evaluation/still-opens.ts';
import type { StateReader, StateWriter } from '../../state/table.ts';
import { type Answer, type Evaluation, evaluations, reads } from '../../state/tables.ts';
import { type ApplySetting, type Concern, NO_CONCERN, type Setting } from '../kind.ts';

/** An evaluation that still takes what is said of its shares, and one holder's answer in it. */
export interface OpenAnswer {
  readonly open: Evaluation;
  readonly answer: Answer;
}

export function openAnswer(
  { timestampMs }: Setting,
  state: StateReader,
  read: Hash,
  holder: Address,
): Result<OpenAnswer, LedgerCode> {
  const open = evaluations.get(state, toHex(read));
  if (open === undefined) return refuse('evaluation.unknown');
  if (!isOpen(open, timestampMs) || !stillOpens(state, read)) return refuse('evaluation.closed');
  const answer = open.answers.find(({ hospital }) => equal(hospital, holder));
  return answer === undefined ? refuse('dispute.not-answered') : ok({ open, answer });
}

export function setClaim(
  { timestampMs, parameters }: ApplySetting,
  state: StateWriter,
  read: Hash,
  { open, answer }: OpenAnswer,
  claim: Answer['claim'],
): void {
  const answers = open.answers.map((each) => (each === answer ? { ...answer, claim } : each));
  const moment = { read, nowMs: timestampMs, disputeWindowMs: parameters.disputeWindowMs };
  setClaimed(state, moment, { ...open, answers });
}

export function concernOfRead(_setting: Setting, state: StateReader, { read }: { readonly read: Hash }): Concern {
  const row = reads.get(state, toHex(read));
  return row === undefined ? NO_CONCERN : { owner: row.owner, record: row.record, purpose: row.purpose };
}
