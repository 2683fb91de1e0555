import type { Address, Hash, Height } from '../base/brand.ts';
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
  /** Counts the records of this file. The block store notes the newest with each block: a file that falls behind is an old copy. */
  readonly sequence: number;
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
  sequence: shape.uint(),
  height: shape.heightShape,
  state: shape.nullable(shape.bytes(0, PROTOCOL_LIMITS.signingRecordBytesMax)),
});

export const encodeSigningRecord = (record: SigningRecord): Uint8Array => encode(record as unknown as Canonical);

/** Whose votes a record holds. */
export type Signer = Pick<SigningRecord, 'chainId' | 'engine' | 'validator'>;

/** The record of a new key. Written once, when the data folder is made: from then on a missing record is a lost one. */
export const initialSigningRecord = (signer: Signer): Uint8Array =>
  encodeSigningRecord({
    version: SIGNING_RECORD_VERSION,
    ...signer,
    sequence: 0,
    height: 0 as Height,
    state: null,
  });

/** A validator that may sign again, and from where. */
export interface Recovery {
  /** No vote below: those heights may have been voted in by the state that the record replaced. */
  readonly fromHeight: Height;
  readonly sequence: number;
  /** The votes of an undecided height, for the engine's `start` of that very height. */
  readonly restored: { readonly height: Height; readonly state: Uint8Array } | null;
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
  tipHeight: Height,
  sequenceAtTip: number,
): Result<Recovery, ProtocolCode> {
  if (stored === null) return refuse('signing-record.lost');
  const record = decodeRecord(stored);
  if (record === undefined) return refuse('signing-record.damaged');
  if (!isOf(record, signer)) return refuse('signing-record.foreign');
  const { sequence, height, state } = record;
  if (sequence < sequenceAtTip) return refuse('signing-record.outdated', { sequence, sequenceAtTip });
  const next = (tipHeight + 1) as Height;
  if (state === null || height < next) return ok({ fromHeight: next, sequence, restored: null });
  return ok({ fromHeight: height, sequence, restored: { height, state } });
}

function decodeRecord(bytes: Uint8Array): SigningRecord | undefined {
  const value = decode(bytes, PROTOCOL_LIMITS.signingRecordBytesMax);
  if (!value.ok) return undefined;
  const record = recordShape(value.value, '');
  return record.ok && record.value.version === SIGNING_RECORD_VERSION ? record.value : undefined;
}

const isOf = (record: SigningRecord, signer: Signer): boolean =>
  equal(record.chainId, signer.chainId) && record.engine === signer.engine && equal(record.validator, signer.validator);
