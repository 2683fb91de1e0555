import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import { equal } from '../../src/base/bytes.ts';
import { leaderOf } from '../../src/base/validators.ts';
import { QBFT_LIMITS } from '../../src/consensus/qbft/limits.ts';
import { decodeMessage, type QbftMessage, type RoundChange } from '../../src/consensus/qbft/messages.ts';
import { type Member, primitives, signed } from './fakes.ts';
import {
  afterPrepares,
  afterProposal,
  all,
  block,
  commit,
  follower,
  leader,
  memberAt,
  only,
  others,
  prepare,
  proposal,
  rival,
  roundChange,
  Solo,
  set,
  toy,
  types,
} from './solo.ts';

describe('rounds', () => {
  it('end at the timeout of round 0, and later ones only once a quorum has reached them', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.due();
    solo.timeout(0);
    expect(solo.state.round).toBe(1);
    const repeated = solo.timeout(1);
    expect(types(repeated)).toEqual(['broadcast', 'schedule']);
    expect(solo.state.round).toBe(1);
    expect(solo.signed()).toEqual(['round-change 1']);
    const [x, y] = others(follower) as [Member, Member];
    solo.hear(roundChange(x, 1), roundChange(y, 1));
    expect(solo.timeout(1)).toEqual([]); // the timer from before the quorum
    solo.timeout(1);
    expect(solo.state.round).toBe(2);
  });

  it('are joined when f + 1 validators are further, but not when one claims to be', () => {
    const solo = new Solo(follower);
    solo.start();
    const [x, y] = others(follower) as [Member, Member];
    solo.hear(roundChange(x, 9));
    expect(solo.state.round).toBe(0);
    solo.hear(roundChange(y, 6));
    expect(solo.state.round).toBe(6);
    expect(solo.signed()).toEqual(['round-change 6']);
  });

  it('report the prepared block when they change', () => {
    const solo = afterPrepares();
    const effects = solo.timeout(0);
    const sent = only(effects, 'broadcast').map(({ message }) => decodeMessage(message));
    const change = (sent[0] as { value: RoundChange }).value;
    expect(change.vote.preparedRound).toBe(0);
    expect(change.vote.preparedHash).toEqual(block.hash);
    expect(change.block).toEqual(block.block);
    expect(change.prepares.length).toBe(3);
  });

  it('are not changed by late timers, late round changes and unjustified ones', () => {
    const solo = afterPrepares();
    solo.timeout(0);
    const [x, y, z] = others(follower) as [Member, Member, Member];
    solo.hear(roundChange(x, 1), roundChange(y, 1));
    solo.timeout(1);
    solo.timeout(1);
    expect(solo.state.round).toBe(2);
    const bad = (member: Member): RoundChange => ({ ...roundChange(member, 8, block, 0), prepares: [] });
    expect([...solo.timeout(0), ...solo.timeout(1), ...solo.hear(roundChange(z, 1), bad(x), bad(y), bad(z))]).toEqual(
      [],
    );
    expect(solo.state.round).toBe(2);
  });
});

describe('blocks', () => {
  it('take bounded memory over many rounds, and the prepared one stays', () => {
    const solo = afterPrepares();
    for (let at = 1; at <= 2 * QBFT_LIMITS.blocksMax; at++) {
      const from = leader(at);
      const roundChanges = all.slice(0, 3).map((member) => roundChange(member, at).vote);
      solo.hear(proposal(from, toy(from, at), at, { roundChanges }));
      expect(solo.state.round).toBe(at);
      expect(solo.state.accepted).not.toBeNull();
    }
    expect(solo.state.blocks.size).toBe(QBFT_LIMITS.blocksMax);
    solo.hear(...others(follower).map((member) => commit(member, block.hash)));
    expect(solo.of('commit')).toMatchObject([{ block: block.block }]);
  });
});

describe('after a restart', () => {
  const restart = (before: Solo): Solo => {
    const solo = new Solo(before.self);
    solo.start(before.lastPersisted());
    return solo;
  };

  it('the same votes are signed again, the timer runs at once, and the prepared block is kept', () => {
    const solo = restart(afterPrepares());
    expect(solo.signed()).toEqual(['prepare 0', 'commit 0']);
    expect(solo.of('schedule')).toMatchObject([{ round: 0, delayMs: 100 }]);
    solo.timeout(0);
    expect(solo.of('sign').at(-1)?.payload).toMatchObject({ type: 'round-change', round: 1, preparedRound: 0 });
  });

  it('the prepared block is judged again before it is committed or proposed: this host has not executed it', () => {
    const decides = restart(afterPrepares());
    expect(decides.of('judge')).toEqual([]);
    decides.hear(...others(follower).map((member) => commit(member, block.hash)));
    expect(decides.of('commit')).toEqual([]);
    expect(decides.of('judge')).toMatchObject([{ blockHash: block.hash, block: block.block, fresh: false }]);
    decides.judged(block.hash, true);
    expect(decides.of('commit')).toMatchObject([{ block: block.block }]);

    const leads = restart(afterPrepares(leader(1)));
    const [x, y] = others(leader(1)) as [Member, Member];
    leads.hear(roundChange(x, 1), roundChange(y, 1));
    expect(leads.of('judge')).toMatchObject([{ blockHash: block.hash, fresh: false }]);
    leads.judged(block.hash, true);
    expect(leads.signed()).toContain('proposal 1');
  });

  it('no other block is prepared in a round already voted in', () => {
    const solo = restart(afterProposal());
    solo.hear(proposal(leader(0), rival));
    solo.judged(rival.hash, true);
    expect(solo.of('sign').every(({ payload }) => equal(payload.blockHash, block.hash))).toBe(true);
  });

  it('a leader does not build a second block for a round it proposed in', () => {
    const before = new Solo(leader(0));
    before.start();
    before.due();
    before.built(block);
    const solo = restart(before);
    solo.due();
    expect(solo.of('build')).toEqual([]);
  });

  it('the round is the stored one, and its round change is repeated', () => {
    const before = afterPrepares();
    before.timeout(0);
    const solo = restart(before);
    expect(solo.state.round).toBe(1);
    expect(solo.signed()).toEqual(['commit 0', 'round-change 1']);
    expect(types(solo.timeout(1))).toEqual(['broadcast', 'schedule']);
  });

  it('a round in which a block was prepared still ends, though its round changes are lost', () => {
    const before = new Solo(follower);
    before.start();
    const later = toy(leader(1), 4);
    const roundChanges = others(follower).map((member) => roundChange(member, 1).vote);
    before.hear(proposal(leader(1), later, 1, { roundChanges }));
    before.judged(later.hash, true);
    before.hear(...others(follower).map((member) => prepare(member, later.hash, 1)));
    const solo = restart(before);
    expect(solo.signed()).toEqual(['prepare 1', 'commit 1']);
    solo.timeout(1);
    expect(solo.of('sign').at(-1)?.payload).toMatchObject({ type: 'round-change', round: 2, preparedRound: 1 });
  });

  /** Whether this node votes at a height where everything asks it to. */
  const votesAt = (solo: Solo, at: number): boolean => {
    const from = memberAt(leaderOf(set, height(at), round(0)).id);
    const fresh = toy(from, 8, at);
    const before = solo.signed().length;
    solo.due();
    if (from === solo.self) solo.built(fresh);
    else {
      const vote = signed(from, 'proposal', { hash: fresh.hash, height: height(at) });
      solo.hear({ ...proposal(from, fresh), vote });
      solo.judged(fresh.hash, true);
    }
    return solo.signed().length > before;
  };

  it('a damaged signing state silences the node for good', () => {
    const good = afterPrepares().lastPersisted();
    for (const bytes of [good.slice(0, -1), new Uint8Array(0)]) {
      const solo = new Solo(follower);
      solo.start(bytes);
      expect(votesAt(solo, 1)).toBe(false);
      solo.start(null, height(2));
      expect(votesAt(solo, 2)).toBe(false);
    }
  });

  it('a signing state of an earlier height binds nothing', () => {
    const solo = new Solo(follower);
    solo.start(afterPrepares().lastPersisted(), height(2));
    expect(solo.signed()).toEqual([]);
    expect(votesAt(solo, 2)).toBe(true);
  });

  it('a signing state of a later height silences the node until there, and is taken up there', () => {
    const ahead = new Solo(follower);
    ahead.start(null, height(3));
    expect(votesAt(ahead, 3)).toBe(true);
    const solo = new Solo(follower);
    for (const at of [1, 2]) {
      solo.start(at === 1 ? ahead.lastPersisted() : null, height(at));
      expect(votesAt(solo, at)).toBe(false);
      expect(solo.of('persist')).toEqual([]);
      expect(solo.of('schedule')).toEqual([]);
    }
    solo.start(null, height(3));
    expect(solo.of('sign').map(({ payload }) => payload)).toEqual(ahead.of('sign').map(({ payload }) => payload));
    expect(solo.lastPersisted()).toEqual(ahead.lastPersisted());
    solo.start(null, height(4));
    expect(votesAt(solo, 4)).toBe(true);
  });

  it('a signing state of a later height that sync passed over binds nothing', () => {
    const ahead = new Solo(follower);
    ahead.start(null, height(3));
    votesAt(ahead, 3);
    const solo = new Solo(follower);
    solo.start(ahead.lastPersisted());
    solo.start(null, height(5));
    expect(solo.signed()).toEqual([]);
    expect(votesAt(solo, 5)).toBe(true);
  });

  it('a vote that is durable already is signed again, not made durable again', () => {
    const solo = restart(afterProposal());
    solo.hear(proposal(leader(0), block));
    solo.judged(block.hash, true);
    expect(solo.signed()).toEqual(['prepare 0', 'prepare 0']);
    expect(solo.of('persist').length).toBe(1);
  });

  it('to start the same height again, or an earlier one, forgets nothing', () => {
    const solo = afterPrepares();
    const before = solo.state;
    expect(solo.start()).toEqual([]);
    expect(solo.start(null, height(0))).toEqual([]);
    expect(solo.state).toBe(before);
  });
});

describe('other heights', () => {
  const H2 = height(2);
  const at2 = (from: Member, type: 'prepare' | 'commit'): QbftMessage => ({
    type,
    vote: signed(from, type, { hash: next.hash, height: H2 }),
  });
  const second = memberAt((set[2] as { id: Uint8Array }).id); // leads height 2, round 0
  const next = toy(second, 5, 2);
  const nextProposal: QbftMessage = {
    ...proposal(second, next),
    vote: signed(second, 'proposal', { hash: next.hash, height: H2 }),
  };

  it('wait when they are one ahead, and are heard at start without a second verification', () => {
    const solo = afterPrepares();
    expect(solo.hear(nextProposal, nextProposal, at2(second, 'prepare'), at2(second, 'prepare'))).toEqual([]);
    solo.hear(...others(follower).map((member) => commit(member, block.hash)));
    const before = primitives.verifications.count;
    const effects = solo.start(null, H2);
    expect(only(effects, 'judge')).toMatchObject([{ height: 2, blockHash: next.hash }]);
    expect(solo.state.votes.get(round(0))?.prepares.size).toBe(1);
    expect(primitives.verifications.count).toBe(before);
  });

  it('further ahead say that we are behind, if they are signed', () => {
    const solo = afterProposal();
    const far = (from: Member): QbftMessage => ({
      type: 'commit',
      vote: signed(from, 'commit', { hash: next.hash, height: height(7) }),
    });
    expect(solo.hear(far(second))).toEqual([{ type: 'behind', height: 7, from: second.id }]);
    const forged = { ...far(second), vote: { ...far(second).vote, signature: far(leader(0)).vote.signature } };
    expect(solo.hear(forged as QbftMessage)).toEqual([]);
    const waiting: QbftMessage = {
      ...roundChange(second, 1),
      vote: signed(second, 'round-change', { at: 1, height: H2 }),
    };
    expect(solo.hear(waiting)).toEqual([{ type: 'behind', height: 2, from: second.id }]);
  });

  it('behind us are ignored', () => {
    const solo = new Solo(follower);
    solo.start(null, H2);
    expect(solo.hear(proposal(leader(0), block), ...all.map((member) => commit(member, block.hash)))).toEqual([]);
  });

  it('do not wait where a proposal is not from that height’s leader', () => {
    const solo = afterProposal();
    for (const member of others(second))
      solo.hear({ ...nextProposal, vote: signed(member, 'proposal', { hash: next.hash, height: H2 }) });
    expect(solo.state.nextHeight.size).toBe(0);
  });

  it('take bounded memory while they wait', () => {
    const solo = afterProposal();
    for (let i = 0; i < 50; i++)
      solo.hear(...all.flatMap((member) => [at2(member, 'prepare'), at2(member, 'commit'), nextProposal]));
    expect(solo.state.nextHeight.size).toBe(2 * all.length + 1);
  });
});
