import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { round } from '../../src/base/brand.ts';
import type { Certificate, Vote } from '../../src/consensus/engine.ts';
import { qbft } from '../../src/consensus/qbft/index.ts';
import { encodeSigningState } from '../../src/consensus/signing-state.ts';
import { NO_BLOCK, type SignedVote, signedVoteOf, voteDigest } from '../../src/consensus/vote.ts';
import { encodeSigningRecord, recoverSigning } from '../../src/protocol/recovery.ts';
import { SigningGuard } from '../../src/protocol/signing-guard.ts';
import { addressOfKey, chainId, hashOf, heightOf, primitives, secretOf } from './support.ts';

const member = (name: string) => ({ id: addressOfKey(name), publicKey: primitives.publicKeyOf(secretOf(name)) });
const self = member('hospital');
const set = [self, member('second'), member('third'), member('fourth')];
const signer = { chainId, engine: 'qbft' as const, validator: self.id, validatorKey: self.publicKey };

const voteAt = (height: number, at: number, type: string): Vote => ({
  chainId,
  engine: 'qbft',
  height: heightOf(height),
  round: round(at),
  type,
  blockHash: type === 'round-change' ? NO_BLOCK : hashOf('block'),
  preparedRound: null,
  preparedHash: null,
});
/** What the record remembers: at height 8, a prepare in round 0, a round change to round 1. */
const state = encodeSigningState({
  height: heightOf(8),
  round: round(1),
  votes: [voteAt(8, 0, 'prepare'), voteAt(8, 1, 'round-change')].map(
    ({ chainId: _chainId, engine: _engine, height: _height, ...ballot }) => ballot,
  ),
  prepared: null,
});
const recovered = { height: heightOf(8), sequence: 5, state };
const stored = encodeSigningRecord({ version: 1, ...signer, ...recovered });

const guardWith = (record: Uint8Array | null, sequenceAtTip = 5) =>
  new SigningGuard({
    chainId,
    primitives,
    engine: qbft,
    self: self.id,
    validatorKey: self.publicKey,
    stored: record,
    sequenceAtTip,
  });

const signedBy = (name: string, vote: Vote, validator = self.id): SignedVote =>
  signedVoteOf(vote, validator, primitives.sign(voteDigest(primitives, vote), secretOf(name)));

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
    const guard = guardWith(stored);
    const rotated = [{ ...self, publicKey: member('another key').publicKey }, ...set.slice(1)];
    expect([set, set.slice(1), rotated, []].map((each) => guard.maySignIn(each))).toEqual([true, false, false, false]);
  });

  it('numbers its records from the last one on, and each holds the highest height and the newest state', () => {
    const guard = guardWith(stored);
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
    expect(guardWith(stored).isOutdatedBy(certificateAt(height, signer), set)).toBe(outdated);
  });

  it.each([
    ['a height above', voteAt(9, 0, 'prepare'), true],
    ['a later round', voteAt(8, 2, 'round-change'), true],
    ['another vote of a round that it remembers', voteAt(8, 0, 'commit'), true],
    ['a vote that it remembers', voteAt(8, 0, 'prepare'), false],
    ['a height that is over', voteAt(7, 3, 'commit'), false],
  ])('is told by a vote of its own that a peer still holds, of %s, or not', (_what, vote, forgotten) => {
    expect(guardWith(stored).hasForgotten([signedBy('hospital', vote)], set)).toBe(forgotten);
  });

  it('believes no vote that somebody else signed in its name, nor one that is not its own', () => {
    const vote = voteAt(9, 0, 'prepare');
    const lies = [signedBy('second', vote), signedBy('second', vote, addressOfKey('second'))];
    expect(guardWith(stored).hasForgotten(lies, set)).toBe(false);
  });

  it('signs nothing more, and the next block notes a number that no copy of the record has', () => {
    const guard = guardWith(stored);
    guard.silence();
    expect([guard.maySignIn(set), guard.sequence > recovered.sequence]).toEqual([false, true]);
    expect(guard.isOutdatedBy(certificateAt(9, self.id), set)).toBe(false);
  });
});

describe('a node without a record', () => {
  it('says why it never signs', () => {
    expect([guardWith(null).refusal, guardWith(stored).refusal]).toEqual(['signing-record.lost', null]);
  });

  it('never signs, and goes on noting what was reached, so that a copy put back later is not the newest', () => {
    const guard = guardWith(null, 41);
    expect([guard.maySignIn(set), guard.sequence, guard.state]).toEqual([false, 41, null]);
  });
});
