import type { Address, Hash, Height, PublicKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { engineNameShape } from '../consensus/certificate.ts';
import type { EngineName } from '../consensus/engine.ts';
import type { ProtocolCode } from './codes.ts';
import { PROTOCOL_LIMITS } from './limits.ts';

/** The durable record of what a validator signed: one file, replaced whole, fsynced before the vote leaves. */
export interface SigningRecord {
  readonly version: number;
  readonly chainId: Hash;
  readonly engine: EngineName;
  readonly validator: Address;
  /** The key whose votes these are: a rotated one begins a record of its own. */
  readonly validatorKey: PublicKey;
  /** Counts the records of this file. The block store notes the newest with each block: a file that falls behind is an old copy. */
  readonly sequence: number;
  /** The highest height voted at. */
  readonly height: Height;
  /** The engine's own bytes; null before the first vote. */
  readonly state: Uint8Array | null;
}

export const SIGNING_RECORD_VERSION = 1;

const recordShape: shape.Shape<SigningRecord> = shape.struct({
  version: shape.uint(SIGNING_RECORD_VERSION),
  chainId: shape.hash,
  engine: engineNameShape,
  validator: shape.address,
  validatorKey: shape.publicKey,
  sequence: shape.uint(),
  height: shape.heightShape,
  state: shape.nullable(shape.bytes(0, PROTOCOL_LIMITS.signingRecordBytesMax)),
});

export const encodeSigningRecord = (record: SigningRecord): Uint8Array => encode(record as unknown as Canonical);

/**
 * What takes the place of a record that was found to be an old copy. The number that gave it away stands in the chain, and a chain can be
 * fetched anew: then the old record would pass for the newest.
 */
export const OUTDATED_RECORD: Uint8Array = encode({ version: SIGNING_RECORD_VERSION, outdated: true });

/** Whose votes a record holds. */
export type Signer = Pick<SigningRecord, 'chainId' | 'engine' | 'validator' | 'validatorKey'>;

/**
 * The record of a new key. Written once, when the data folder is made or the key rotated: from then on a missing record is a lost
 * one. `sequence`: what the record of the key before had reached; a record that began again from 0 would look like an old copy.
 */
export const initialSigningRecord = (signer: Signer, sequence = 0): Uint8Array =>
  encodeSigningRecord({
    version: SIGNING_RECORD_VERSION,
    ...signer,
    sequence,
    height: 0 as Height,
    state: null,
  });

/** A validator that may sign again, and what it signed last: the engine votes where that leaves it free to. */
export interface Recovery {
  /** The highest height that the key voted at. */
  readonly height: Height;
  readonly sequence: number;
  /** The engine's newest signing state, of whatever height; null before the first vote. */
  readonly restored: Uint8Array | null;
}

/**
 * Decides after a restart whether the key may sign (CHAIN.md, "Votes and certificates"). A validator whose signing state is lost,
 * damaged, foreign or older than its blocks follows but never signs with that key again: it might contradict a vote it forgot.
 *
 * `sequenceAtTip` is the record's sequence that the block store noted with its newest block.
 */
export function recoverSigning(
  signer: Signer,
  stored: Uint8Array | null,
  sequenceAtTip: number,
): Result<Recovery, ProtocolCode> {
  if (stored === null) return refuse('signing-record.lost');
  if (equal(stored, OUTDATED_RECORD)) return refuse('signing-record.outdated', { sequenceAtTip });
  const record = decodeRecord(stored);
  if (record === undefined) return refuse('signing-record.damaged');
  if (!isOf(record, signer)) return refuse('signing-record.foreign');
  const { sequence, height, state } = record;
  if (sequence < sequenceAtTip) return refuse('signing-record.outdated', { sequence, sequenceAtTip });
  return ok({ height, sequence, restored: state });
}

/** Whether these bytes are a whole record of this signer's, of whatever age. */
export function isRecordOf(signer: Signer, stored: Uint8Array | null): boolean {
  const record = stored === null ? undefined : decodeRecord(stored);
  return record !== undefined && isOf(record, signer);
}

function decodeRecord(bytes: Uint8Array): SigningRecord | undefined {
  const value = decode(bytes, PROTOCOL_LIMITS.signingRecordBytesMax);
  if (!value.ok) return undefined;
  const record = recordShape(value.value, '');
  return record.ok && record.value.version === SIGNING_RECORD_VERSION ? record.value : undefined;
}

const isOf = (record: SigningRecord, signer: Signer): boolean =>
  equal(record.chainId, signer.chainId) &&
  record.engine === signer.engine &&
  equal(record.validator, signer.validator) &&
  equal(record.validatorKey, signer.validatorKey);
