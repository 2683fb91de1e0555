import type { TimestampMs } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import type { LedgerCode } from '../../codes.ts';
import { DAY_MS, isFull, isOpen, setAnswered } from '../../evaluation/deadlines.ts';
import { stillOpens } from '../../evaluation/still-opens.ts';
import { LEDGER_GAS } from '../../gas.ts';
import { CONSORTIUM } from '../../principal.ts';
import type { StateReader, StateWriter } from '../../state/table.ts';
import { type Answer, type Evaluation, evaluations } from '../../state/tables.ts';
import { type ApplySetting, event, type Kind, NO_CONCERN, NO_SIGNATURES, type Setting } from '../kind.ts';
import type { Payload } from '../payloads.ts';

type Committed = Payload<'respond'>['answers'][number];

/**
 * Alg. 3 `addOracleResponse` (F34), for many reads at once. One lost race must not cost a hospital the other answers: an answer that cannot be
 * taken is left out, and an event with its code for a name says so. Where none is taken, the transaction fails with the first code.
 */
export const respond: Kind<'respond'> = {
  signatures: NO_SIGNATURES,
  work: (_state, { answers }) => LEDGER_GAS.answer * answers.length,
  asks: () => [{ resource: CONSORTIUM, context: {} }],
  concern: () => NO_CONCERN,
  apply: (setting, state, { answers }) => {
    const results = answers.map((answer) => ({ answer, result: take(setting, state, answer) }));
    const [first] = results;
    if (first !== undefined && !first.result.ok && results.every(({ result }) => !result.ok)) return first.result;
    return ok(
      results.map(({ answer, result }) =>
        result.ok
          ? event('ShareCommitted', result.value.reader, answer.read)
          : event(result.rejection.code, setting.sender, answer.read),
      ),
    );
  },
};

function take(setting: ApplySetting, state: StateWriter, answer: Committed): Result<Evaluation, LedgerCode> {
  const open = checkAnswer(setting, state, answer);
  if (!open.ok) return open;
  const { sender: hospital, timestampMs, parameters } = setting;
  const committed: Answer = { hospital, shareHash: answer.shareHash, timestampMs, claim: 'none' };
  const after = { ...open.value, answers: [...open.value.answers, committed] };
  const moment = { read: answer.read, nowMs: timestampMs, disputeWindowMs: parameters.disputeWindowMs };
  setAnswered(state, moment, open.value, after);
  return ok(after);
}

/** In this order, so that a hospital learns first what no later answer can mend. */
function checkAnswer(
  { sender, timestampMs }: Setting,
  state: StateReader,
  { read, shareHash }: Committed,
): Result<Evaluation, LedgerCode> {
  const open = evaluations.get(state, toHex(read));
  if (open === undefined) return refuse('evaluation.unknown');
  const { holders, answers } = open;
  if (!holders.some(({ hospital }) => equal(hospital, sender))) return refuse('evaluation.not-holder');
  if (answers.some(({ hospital }) => equal(hospital, sender))) return refuse('evaluation.answered');
  if (!isOpen(open, timestampMs) || timestampMs > dayAfter(open) || !stillOpens(state, read))
    return refuse('evaluation.closed');
  if (isFull(open)) return refuse('evaluation.full');
  // A share is made and sealed by its holder with secrets of its own, so of two that are the same one is a copy. Whoever copies cannot show the
  // share; whoever was copied makes another, at most once for each other holder, for each has one answer (ADR 0018).
  if (answers.some((other) => equal(other.shareHash, shareHash))) return refuse('evaluation.copied-share');
  return ok(open);
}

const dayAfter = ({ readMs }: Evaluation): TimestampMs => (readMs + DAY_MS) as TimestampMs;
