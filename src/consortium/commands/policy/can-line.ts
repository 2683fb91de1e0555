import type { Address } from '../../../base/brand.ts';
import { toHex } from '../../../base/bytes.ts';
import type { OpenPurpose, ReadableRecord, RecordReader } from '../../../ledger/can/who-reads-what.ts';

/** What is asked: who could read the record; else, what the principal could read. */
export interface CanQuestion {
  readonly principal: Address | undefined;
  readonly record: Uint8Array | undefined;
}

/** One line of the answer: a record, or a principal, in hexadecimal. */
export interface CanLine {
  readonly id: string;
  readonly purposes: readonly OpenPurpose[];
}

export const readerLine = ({ principal, purposes }: RecordReader): CanLine => ({ id: toHex(principal), purposes });
export const recordLine = ({ record, purposes }: ReadableRecord): CanLine => ({ id: toHex(record), purposes });
