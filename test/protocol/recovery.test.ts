import { describe, expect, it } from 'vitest';
import {
  encodeSigningRecord,
  initialSigningRecord,
  OUTDATED_RECORD,
  recoverSigning,
} from '../../src/protocol/recovery.ts';
import { addressOfKey, chainId, hashOf, heightOf, primitives, secretOf } from './support.ts';

const signer = {
  chainId,
  engine: 'qbft' as const,
  validator: addressOfKey('hospital'),
  validatorKey: primitives.publicKeyOf(secretOf('hospital')),
};
const state = Uint8Array.of(1, 2, 3);
const recordAt = (height: number, sequence = 5) =>
  encodeSigningRecord({ version: 1, ...signer, sequence, height: heightOf(height), state });
const recover = (stored: Uint8Array | null, sequenceAtTip = 0) => recoverSigning(signer, stored, sequenceAtTip);

describe('recovery of a signing state', () => {
  it('lets a new key sign', () => {
    expect(recover(initialSigningRecord(signer))).toEqual({
      ok: true,
      value: { height: 0, sequence: 0, restored: null },
    });
  });

  it('gives back what was signed last, of whatever height: the engine knows what it forbids', () => {
    expect(recover(recordAt(8))).toEqual({ ok: true, value: { height: 8, sequence: 5, restored: state } });
    expect(recover(recordAt(3), 5)).toMatchObject({ ok: true, value: { restored: state } });
  });

  it.each([
    ['signing-record.lost', null],
    ['signing-record.damaged', recordAt(8).slice(0, -1)],
    ['signing-record.damaged', new Uint8Array(0)],
    [
      'signing-record.foreign',
      encodeSigningRecord({ version: 1, ...signer, chainId: hashOf('other'), sequence: 5, height: heightOf(8), state }),
    ],
    [
      'signing-record.foreign',
      encodeSigningRecord({
        version: 1,
        ...signer,
        validator: addressOfKey('x'),
        sequence: 5,
        height: heightOf(8),
        state,
      }),
    ],
    [
      'signing-record.foreign',
      encodeSigningRecord({
        version: 1,
        ...signer,
        validatorKey: primitives.publicKeyOf(secretOf('the key before')),
        sequence: 5,
        height: heightOf(8),
        state,
      }),
    ],
    ['signing-record.outdated', recordAt(8, 4)],
    ['signing-record.outdated', OUTDATED_RECORD],
  ])('refuses to sign: %s', (code, stored) => {
    expect(recover(stored, 5)).toMatchObject({ ok: false, rejection: { code } });
  });
});
