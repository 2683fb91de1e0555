import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { type Commit, decodeMessage, encodeMessage, type QbftMessage } from '../../src/consensus/qbft/messages.ts';
import { type Member, members, sha256, signed } from './fakes.ts';

const [a, b, c] = members(4) as [Member, Member, Member];
const hash = sha256(utf8('block'));
const block = utf8('block');
const prepares = [a, b, c].map((member) => signed(member, 'prepare', { hash }));
const prepared = { round: 0, hash };

const samples: QbftMessage[] = [
  {
    type: 'proposal',
    vote: signed(a, 'proposal', { at: 1, hash }),
    block,
    roundChanges: [a, b, c].map((member) => signed(member, 'round-change', { at: 1, prepared })),
    prepares,
  },
  { type: 'prepare', vote: signed(a, 'prepare', { hash }) },
  { type: 'commit', vote: signed(a, 'commit', { hash }) },
  { type: 'round-change', vote: signed(a, 'round-change', { at: 1 }), block: null, prepares: [] },
  { type: 'round-change', vote: signed(a, 'round-change', { at: 1, prepared }), block, prepares },
];

describe('messages', () => {
  it('decode to what was encoded', () => {
    for (const message of samples) {
      const read = decodeMessage(encodeMessage(message));
      expect(read.ok && encodeMessage(read.value)).toEqual(encodeMessage(message));
    }
  });

  const refused = (message: unknown) => {
    const read = decodeMessage(encode(message as Canonical));
    return read.ok ? 'accepted' : read.rejection.code;
  };

  it('are refused where the vote inside has another type', () => {
    const vote = signed(a, 'prepare', { hash });
    expect(refused({ type: 'commit', vote } satisfies { type: string; vote: Commit['vote'] })).toBe(
      'consensus-message.wrong-type',
    );
  });

  it('are refused where a vote contradicts its type', () => {
    const roundChange = (vote: object) => ({ type: 'round-change', vote, block: null, prepares: [] });
    const good = signed(a, 'round-change', { at: 1, prepared });
    const bad = [
      { type: 'prepare', vote: signed(a, 'prepare') },
      { type: 'commit', vote: { ...signed(a, 'commit', { hash }), preparedRound: 0, preparedHash: hash } },
      roundChange(signed(a, 'round-change', { at: 0 })),
      roundChange({ ...good, blockHash: hash }),
      roundChange({ ...good, preparedHash: null }),
      roundChange({ ...good, preparedRound: null }),
      roundChange({ ...good, preparedRound: 1 }),
      { ...samples[4], prepares: [{ ...prepares[0], preparedHash: hash }] },
    ];
    for (const message of bad) expect(refused(message)).toBe('consensus-vote.wrong-form');
  });

  it('are refused with unknown or missing fields, too many votes, and too large a block', () => {
    expect(refused({ type: 'prepare', vote: signed(a, 'prepare', { hash }), more: 1 })).toBe('shape.unknown-field');
    expect(refused({ type: 'prepare' })).toBe('shape.missing-field');
    expect(refused({ type: 'gossip' })).toBe('shape.out-of-range');
    expect(refused([1])).toBe('shape.wrong-type');
    const many = Array.from({ length: LIMITS.validatorsMax + 1 }, () => prepares[0]);
    expect(refused({ ...samples[4], prepares: many })).toBe('shape.out-of-range');
    expect(refused({ ...samples[4], block: new Uint8Array(LIMITS.blockBytesMax + 1) })).toBe('shape.out-of-range');
    expect(refused({ ...samples[4], block: new Uint8Array(LIMITS.consensusMessageBytesMax) })).toBe(
      'encoding.too-large',
    );
  });

  it('fit their limit with the largest block, set and justification', () => {
    const votes = (type: string) =>
      members(LIMITS.validatorsMax).map((member) =>
        signed(member, type, { at: 7, hash, prepared: { round: 6, hash } }),
      );
    const bare = (type: string) => votes(type).map((vote) => ({ ...vote, preparedRound: null, preparedHash: null }));
    const [vote] = bare('proposal');
    const largest = encodeMessage({
      type: 'proposal',
      vote: vote as QbftMessage['vote'],
      block: new Uint8Array(LIMITS.blockBytesMax),
      roundChanges: votes('round-change'),
      prepares: bare('prepare'),
    });
    expect(decodeMessage(largest).ok).toBe(true);
  });
});
