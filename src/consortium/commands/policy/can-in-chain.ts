import type { Address } from '../../../base/brand.ts';
import type { Result } from '../../../base/result.ts';
import { CAN_LIMITS } from '../../../ledger/can/limits.ts';
import { type CanPage, type CanPlace, readableRecords, recordReaders } from '../../../ledger/can/who-reads-what.ts';
import type { ChainVerifier } from '../../../protocol/offline/verify-chain.ts';
import { type CanLine, type CanQuestion, readerLine, recordLine } from './can-line.ts';

/** The answer after the last block of a chain that was verified. */
export function linesInChain(chain: ChainVerifier, { principal, record }: CanQuestion): readonly CanLine[] {
  const { env, state } = chain;
  const moment = chain.tipHeader();
  if (record !== undefined)
    return everyPage((place) => recordReaders(env, state, moment, record, place)).map(readerLine);
  return everyPage((place) => readableRecords(env, state, moment, principal as Address, place)).map(recordLine);
}

function everyPage<T>(page: (place: CanPlace) => Result<CanPage<T>>): readonly T[] {
  const items: T[] = [];
  let after: string | null = null;
  do {
    const answer = page({ after, limit: CAN_LIMITS.scannedRowsMax });
    if (!answer.ok) throw new RangeError(answer.rejection.code);
    items.push(...answer.value.items);
    after = answer.value.next;
  } while (after !== null);
  return items;
}
