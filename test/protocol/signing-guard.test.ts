import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { round } from '../../src/base/brand.ts';
import type { Certificate } from '../../src/consensus/engine.ts';
import { type Recovery, recoverSigning } from '../../src/protocol/recovery.ts';
import { SigningGuard } from '../../src/protocol/signing-guard.ts';
import { addressOfKey, chainId, hashOf, heightOf, primitives, secretOf } from './support.ts';

const member = (name: string) => ({ id: addressOfKey(name), publicKey: primitives.publicKeyOf(secretOf(name)) });
const self = member('hospital');
const set = [self, member('second'), member('third'), member('fourth')];
const state = Uint8Array.of(1, 2, 3);
const recovered: Recovery = { height: heightOf(8), sequence: 5, restored: state };

const guardWith = (recovery: Recovery | null, sequenceAtTip = 5) =>
  new SigningGuard({
    chainId,
    engine: 'qbft',
    self: self.id,
    validatorKey: self.publicKey,
    recovery,
    sequenceAtTip,
  });

const certificateAt = (height: number, ...signers: readonly Address[]): Certificate => ({
  engine: 'qbft',
  height: heightOf(height),
  round: round(0),
  blockHash: hashOf('block'),
  signatures: signers.map((validator) => ({ validator, signature: new Uint8Array(65) as never })),
  path: [],
});

describe('a key that may sign', () => {
  it('signs in a set that names the hospital by it, and in no other', () => {
    const guard = guardWith(recovered);
    const rotated = [{ ...self, publicKey: member('another key').publicKey }, ...set.slice(1)];
    expect([set, set.slice(1), rotated, []].map((each) => guard.maySignIn(each))).toEqual([true, false, false, false]);
  });

  it('numbers its records from the last one on, and each holds the highest height and the newest state', () => {
    const guard = guardWith(recovered);
    const signer = { chainId, engine: 'qbft' as const, validator: self.id, validatorKey: self.publicKey };
    const newest = Uint8Array.of(9);
    guard.record(heightOf(12), state);
    const record = guard.record(heightOf(11), newest);
    expect(recoverSigning(signer, record, guard.sequence)).toEqual({
      ok: true,
      value: { height: 12, sequence: 7, restored: newest },
    });
    expect([guard.sequence, guard.state]).toEqual([7, newest]);
  });
});

describe('a key whose record is an old copy', () => {
  it.each([
    ['its vote above all that it remembers', 9, self.id, true],
    ['its vote at a height that it remembers', 8, self.id, false],
    ["another's vote", 9, addressOfKey('second'), false],
  ] as const)('is told by a certificate with %s, or not', (_what, height, signer, outdated) => {
    expect(guardWith(recovered).isOutdatedBy(certificateAt(height, signer), set)).toBe(outdated);
  });

  it('signs nothing more, and the next block notes a number that no copy of the record has', () => {
    const guard = guardWith(recovered);
    guard.silence();
    expect([guard.maySignIn(set), guard.sequence > recovered.sequence]).toEqual([false, true]);
    expect(guard.isOutdatedBy(certificateAt(9, self.id), set)).toBe(false);
  });
});

describe('a node without a record', () => {
  it('never signs, and goes on noting what was reached, so that a copy put back later is not the newest', () => {
    const guard = guardWith(null, 41);
    expect([guard.maySignIn(set), guard.sequence, guard.state]).toEqual([false, 41, null]);
  });
});
