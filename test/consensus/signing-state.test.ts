import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import type { Vote } from '../../src/consensus/engine.ts';
import {
  decodeSigningState,
  encodeSigningState,
  isRecorded,
  mayClash,
  rememberBallot,
  SIGNING_ROUNDS_MAX,
  type SigningState,
} from '../../src/consensus/signing-state.ts';
import { type Ballot, voteBytes, voteOf } from '../../src/consensus/vote.ts';
import { chainId, type Member, members, sha256, signed } from './fakes.ts';

const [one, two] = [sha256(utf8('one')), sha256(utf8('two'))] as const;
const [a] = members(1) as [Member];
const ballot = (type: string, at: number, hash = one): Ballot => signed(a, type, { at, hash });
const pick = ({ round, type, blockHash, preparedRound, preparedHash }: Ballot): Ballot => ({
  round,
  type,
  blockHash,
  preparedRound,
  preparedHash,
});
const vote = (b: Ballot, at = 5): Vote => voteOf({ chainId, engine: 'qbft' }, height(at), b);

const state: SigningState = {
  height: height(5),
  round: round(2),
  votes: [ballot('prepare', 2), ballot('commit', 2), ballot('prepare', 1, two)].map(pick),
  prepared: {
    round: round(2),
    blockHash: one,
    block: utf8('block'),
    prepares: [signed(a, 'prepare', { at: 2, hash: one })],
  },
};

describe('the signing state', () => {
  it('decodes to what was encoded', () => {
    const bytes = encodeSigningState(state);
    const read = decodeSigningState(bytes);
    expect(read.ok && encodeSigningState(read.value)).toEqual(bytes);
  });

  it('is refused where it contradicts itself', () => {
    const broken: SigningState[] = [
      { ...state, votes: [...state.votes, pick(ballot('prepare', 2, two))] },
      { ...state, votes: [...state.votes, pick(ballot('prepare', 3))] },
      { ...state, round: round(1), votes: [] },
    ];
    for (const each of broken)
      expect(decodeSigningState(encodeSigningState(each))).toMatchObject({
        rejection: { code: 'consensus-signing.wrong-form' },
      });
    expect(decodeSigningState(new Uint8Array(0)).ok).toBe(false);
  });

  it('lets the same payload be signed again, and no other in its place', () => {
    expect(mayClash(state, vote(ballot('prepare', 2)))).toBe(false);
    expect(mayClash(state, vote(ballot('prepare', 2, two)))).toBe(true);
    expect(mayClash(state, vote(ballot('prepare', 3, two)))).toBe(false);
    expect(mayClash(state, vote(ballot('proposal', 2, two)))).toBe(false);
  });

  it('refuses an older height, and leaves a later one free', () => {
    expect(mayClash(state, vote(ballot('prepare', 2), 4))).toBe(true);
    expect(mayClash(state, vote(ballot('prepare', 2, two), 6))).toBe(false);
  });

  it('tells whether a vote is durable', () => {
    expect(isRecorded(state, vote(ballot('commit', 2)))).toBe(true);
    expect(isRecorded(state, vote(ballot('commit', 2, two)))).toBe(false);
    expect(isRecorded(state, vote(ballot('commit', 2), 6))).toBe(false);
  });

  it('stays bounded over any number of rounds, and refuses what it has forgotten', () => {
    let votes: readonly Ballot[] = [];
    const last = SIGNING_ROUNDS_MAX * 3;
    for (let at = 0; at <= last; at++)
      for (const type of ['proposal', 'prepare', 'commit', 'round-change'])
        votes = rememberBallot(votes, pick(ballot(type, at)), round(at));
    const full: SigningState = { ...state, round: round(last), votes };
    expect(decodeSigningState(encodeSigningState(full)).ok).toBe(true);
    expect(mayClash(full, vote(ballot('commit', 0, two)))).toBe(true);
    expect(mayClash(full, vote(ballot('commit', last - SIGNING_ROUNDS_MAX - 1)))).toBe(true);
    expect(mayClash(full, vote(ballot('commit', last - SIGNING_ROUNDS_MAX)))).toBe(false);
  });
});

describe('the bytes of a vote', () => {
  it('differ as soon as any field does', () => {
    const base = vote(pick(ballot('round-change', 3)));
    const hash = sha256(utf8('other'));
    const changed: Vote[] = [
      base,
      { ...base, chainId: hash },
      { ...base, engine: 'simplex' },
      { ...base, height: height(6) },
      { ...base, round: round(4) },
      { ...base, type: 'commit' },
      { ...base, blockHash: hash },
      { ...base, preparedRound: round(1) },
      { ...base, preparedHash: hash },
    ];
    expect(new Set(changed.map((each) => Buffer.from(voteBytes(each)).toString('hex'))).size).toBe(changed.length);
  });
});
