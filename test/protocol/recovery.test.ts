import { describe, expect, it } from 'vitest';
import { encodeSigningRecord, initialSigningRecord, recoverSigning } from '../../src/protocol/recovery.ts';
import { addressOfKey, chainId, hashOf, heightOf } from './support.ts';

const signer = { chainId, engine: 'qbft' as const, validator: addressOfKey('hospital') };
const state = Uint8Array.of(1, 2, 3);
const recordAt = (height: number, sequence = 5) =>
  encodeSigningRecord({ version: 1, ...signer, sequence, height: heightOf(height), state });
const recover = (stored: Uint8Array | null, tip: number, sequenceAtTip = 0) =>
  recoverSigning(signer, stored, heightOf(tip), sequenceAtTip);

describe('recovery of a signing state', () => {
  it('lets a new key sign from the next height', () => {
    expect(recover(initialSigningRecord(signer), 0)).toEqual({
      ok: true,
      value: { fromHeight: 1, sequence: 0, restored: null },
    });
  });

  it('gives back the votes of the undecided height', () => {
    expect(recover(recordAt(8), 7)).toMatchObject({
      ok: true,
      value: { fromHeight: 8, restored: { height: 8, state } },
    });
  });

  it('needs no votes of heights that are final', () => {
    expect(recover(recordAt(7), 7)).toMatchObject({ ok: true, value: { fromHeight: 8, restored: null } });
    expect(recover(recordAt(3), 90)).toMatchObject({ ok: true, value: { fromHeight: 91, restored: null } });
  });

  it('lets nobody sign below a record that is ahead of the blocks', () => {
    expect(recover(recordAt(12), 7)).toMatchObject({ ok: true, value: { fromHeight: 12, restored: { height: 12 } } });
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
    ['signing-record.outdated', recordAt(8, 4)],
  ])('refuses to sign: %s', (code, stored) => {
    expect(recover(stored, 7, 5)).toMatchObject({ ok: false, rejection: { code } });
  });
});
