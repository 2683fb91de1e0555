import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Height, height, round } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import type { Vote } from '../../src/consensus/engine.ts';
import { simplex } from '../../src/consensus/simplex/index.ts';
import {
  decodeMessage,
  encodeMessage,
  type SimplexMessage,
  type VoteMessage,
} from '../../src/consensus/simplex/messages.ts';
import {
  isRemembered,
  mayCast,
  NO_OWN_VOTES,
  type OwnVotes,
  type SimplexBallot,
  withVoteCast,
} from '../../src/consensus/simplex/own-votes.ts';
import { decodeSigningState, encodeSigningState } from '../../src/consensus/simplex/signing-state.ts';
import { firstViewOf, VIEWS_PER_HEIGHT } from '../../src/consensus/simplex/views.ts';
import { NO_BLOCK } from '../../src/consensus/vote.ts';
import { chainId, type Member, sha256 } from './fakes.ts';
import { all, certificate, child, genesis, proposal, proposedAgain, Solo, says } from './simplex-solo.ts';

const blocks = [sha256(utf8('x')), sha256(utf8('y'))] as const;

/** A ballot of one of two epochs, far apart as their views are. */
const asked = fc.record({
  epoch: fc.constantFrom(height(1), height(3)),
  type: fc.constantFrom('proposal', 'notarise', 'finalise', 'nullify'),
  view: fc.nat(6),
  block: fc.nat(1),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;
const ballotOf = ({ epoch, type, view: at, block }: Asked): SimplexBallot => {
  const view = round(firstViewOf(epoch) + at);
  if (type === 'nullify') return { type, view };
  return { type: type as 'proposal', view, height: height(1 + block), blockHash: blocks[block] as (typeof blocks)[0] };
};
const voteOf = (epoch: Height, ballot: SimplexBallot): Vote => ({
  chainId,
  engine: 'simplex',
  round: ballot.view,
  type: ballot.type,
  height: ballot.type === 'nullify' ? epoch : ballot.height,
  blockHash: ballot.type === 'nullify' ? NO_BLOCK : ballot.blockHash,
  preparedRound: null,
  preparedHash: null,
});
const clash = (a: Vote, b: Vote): boolean => {
  if (a.round !== b.round) return false;
  if (a.type === b.type) return a.height !== b.height || a.blockHash !== b.blockHash;
  return [a.type, b.type].sort().join() === 'finalise,nullify';
};

describe('the memory of own votes', () => {
  it('lets no vote pass that clashes with an earlier one, through any number of restarts', () => {
    let cast = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(asked, fc.boolean()), { minLength: 5, maxLength: 30 }), (questions) => {
        let own: OwnVotes = NO_OWN_VOTES;
        const votes: Vote[] = [];
        for (const [question, restart] of questions) {
          const ballot = ballotOf(question);
          if (mayCast(own, question.epoch, ballot)) {
            own = withVoteCast(own, question.epoch, ballot);
            const vote = voteOf(question.epoch, ballot);
            expect(isRemembered(own, ballot)).toBe(true);
            expect(simplex.permits(encodeSigningState({ own, lock: null }), vote)).toBe(true);
            expect(votes.filter((earlier) => clash(earlier, vote))).toEqual([]);
            votes.push(vote);
            cast++;
          }
          if (!restart) continue;
          const read = decodeSigningState(encodeSigningState({ own, lock: null }));
          expect(read.ok).toBe(true);
          if (read.ok) own = read.value.own;
        }
        // The second lock alone permits nothing that clashes with what it holds.
        const bytes = encodeSigningState({ own, lock: null });
        for (const [question] of questions) {
          const vote = voteOf(question.epoch, ballotOf(question));
          if (simplex.permits(bytes, vote)) expect(votes.filter((earlier) => clash(earlier, vote))).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
    expect(cast).toBeGreaterThan(300);
  });

  it('is refused where it contradicts itself', () => {
    const own: OwnVotes = { ...NO_OWN_VOTES, nullified: { from: round(3), to: round(4) } };
    const finalised = { type: 'finalise', view: round(3), height: height(1), blockHash: blocks[0] } as const;
    const notarise = { ...finalised, type: 'notarise' } as const;
    const refused = (bad: OwnVotes) =>
      expect(decodeSigningState(encodeSigningState({ own: bad, lock: null })).ok).toBe(false);
    expect(decodeSigningState(encodeSigningState({ own, lock: null })).ok).toBe(true);
    refused({ ...own, finalised });
    refused({ ...own, nullified: { from: round(5), to: round(4) } });
    refused({ ...own, view: 3, ballots: [notarise, { ...notarise, blockHash: blocks[1] }] });
    refused({ ...own, view: 4, ballots: [notarise] });
    refused({ ...own, finalised: notarise });
  });
});

describe('views', () => {
  it('of two epochs never meet while fewer than 2^20 are nullified for each block', () => {
    expect([1, 2, 5].map((epoch) => firstViewOf(height(epoch)))).toEqual([0, VIEWS_PER_HEIGHT, 4 * VIEWS_PER_HEIGHT]);
  });
});

const block = child(genesis);
const member = all[0] as Member;
const messages: readonly SimplexMessage[] = [
  proposal(0, block),
  proposedAgain(1, block, 0),
  says(member, 'notarise', 0, block),
  says(member, 'nullify', 0),
  says(member, 'finalise', 0, block),
  certificate('notarise', 0, block),
  certificate('nullify', 0),
  certificate('finalise', 0, block),
  { type: 'request-views', from: round(1), to: round(16) },
  { type: 'request-block', blockHash: block.hash },
  { type: 'block', blockHash: block.hash, parentHash: block.parentHash, block: block.block },
];

describe('a message', () => {
  it('reads back as it was written', () => {
    for (const message of messages) {
      const read = decodeMessage(encodeMessage(message));
      expect(read.ok && encodeMessage(read.value)).toEqual(encodeMessage(message));
    }
  });

  it('is refused with a code where its fields contradict each other', () => {
    const refusal = (message: unknown) => {
      const read = decodeMessage(encode(message as Canonical));
      return read.ok ? 'accepted' : read.rejection.code;
    };
    const nullify = says(member, 'nullify', 0) as VoteMessage;
    const good = certificate('notarise', 0, block);
    expect(refusal({ ...nullify, type: 'notarise' })).toBe('consensus-message.wrong-type');
    expect(refusal({ ...nullify, vote: { ...nullify.vote, blockHash: block.hash } })).toBe('consensus-vote.wrong-form');
    expect(refusal({ ...nullify, vote: { ...nullify.vote, preparedRound: 1 } })).toBe('consensus-vote.wrong-form');
    expect(refusal({ ...good, signatures: [...good.signatures].reverse() })).toBe('consensus-certificate.wrong-order');
    expect(refusal({ ...good, blockHash: NO_BLOCK })).toBe('consensus-vote.wrong-form');
    expect(refusal({ ...good, type: 'nullification' })).toBe('consensus-vote.wrong-form');
    expect(refusal({ ...proposal(0, block), parentView: 0 })).toBe('consensus-proposal.wrong-parent');
    expect(refusal({ ...proposal(0, block), block: null })).toBe('consensus-proposal.wrong-parent');
    expect(refusal({ ...proposedAgain(1, block, 0), block: block.block })).toBe('consensus-proposal.wrong-parent');
    expect(refusal({ type: 'request-views', from: 1, to: 17 })).toBe('consensus-request.wrong-range');
    expect(refusal({ type: 'request-views', from: 2, to: 1 })).toBe('consensus-request.wrong-range');
    expect(refusal({ type: 'prepare' })).toBe('shape.out-of-range');
  });

  it('never throws, whatever its bytes or its sender', () => {
    const solo = new Solo(all[3] as Member);
    solo.start();
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.nat(600), fc.nat(255), fc.nat(3), (message, at, value, from) => {
        const bytes = encodeMessage(message).slice();
        bytes[at % bytes.length] = value;
        const read = decodeMessage(bytes);
        if (read.ok) solo.hear(all[from] as Member, read.value);
      }),
      { numRuns: 600 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeMessage(bytes);
        expect(decodeSigningState(bytes).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
