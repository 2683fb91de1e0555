import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import { equal } from '../../src/base/bytes.ts';
import { verifyCertificate } from '../../src/consensus/certificate.ts';
import { decodeEvidence, verifyEvidence } from '../../src/consensus/evidence.ts';
import { QBFT_LIMITS } from '../../src/consensus/qbft/limits.ts';
import { decodeMessage, type QbftMessage } from '../../src/consensus/qbft/messages.ts';
import { decodeSigningState } from '../../src/consensus/signing-state.ts';
import { chainId, type Member, members, primitives, signed } from './fakes.ts';
import {
  afterPrepares,
  afterProposal,
  all,
  block,
  commit,
  follower,
  leader,
  only,
  others,
  prepare,
  preparesOf,
  proposal,
  rival,
  roundChange,
  Solo,
  set,
  toy,
  types,
} from './solo.ts';

describe('the engine signs', () => {
  it('nothing before start, and nothing for a set it is not in', () => {
    const solo = new Solo(follower);
    solo.due();
    solo.hear(proposal(leader(0), block), ...all.map((member) => prepare(member, block.hash)));
    expect(solo.effects).toEqual([]);
    solo.start(
      null,
      height(1),
      set.filter(({ id }) => !equal(id, follower.id)),
    );
    solo.due();
    expect(solo.of('sign')).toEqual([]);
  });

  it('a prepare only after the block was judged valid', () => {
    const solo = new Solo(follower);
    solo.start();
    const heard = solo.hear(proposal(leader(0), block));
    expect(heard).toMatchObject([{ type: 'judge', fresh: true, leader: leader(0).id, blockHash: block.hash }]);
    expect(types(solo.judged(block.hash, true))).toEqual(['persist', 'sign', 'broadcast']);
    const doubter = new Solo(follower);
    doubter.start();
    doubter.hear(proposal(leader(0), block), ...others(follower).map((member) => prepare(member, block.hash)));
    expect(doubter.judged(block.hash, false)).toEqual([]);
    expect(doubter.signed()).toEqual([]);
  });

  it('a commit only after a quorum of prepares, with round, prepares and block durable before it', () => {
    const solo = afterProposal();
    const [x, y] = others(follower) as [Member, Member, Member];
    expect(solo.hear(prepare(x, block.hash))).toEqual([]);
    const effects = solo.hear(prepare(y, block.hash));
    expect(types(effects)).toEqual(['persist', 'sign', 'broadcast']);
    const durable = decodeSigningState(solo.lastPersisted());
    expect(durable).toMatchObject({ ok: true, value: { height: 1, round: 0, prepared: { round: 0 } } });
    if (!durable.ok) return;
    expect(durable.value.prepared?.block).toEqual(block.block);
    expect(durable.value.prepared?.prepares.length).toBe(3);
    expect(durable.value.votes.map(({ type }) => type)).toEqual(['prepare', 'commit']);
  });

  it('never without persisting that very vote in the same breath', () => {
    const solo = afterPrepares();
    solo.timeout(0);
    solo.effects.forEach((effect, i) => {
      if (effect.type !== 'sign') return;
      const before = solo.effects[i - 1];
      expect(before?.type).toBe('persist');
      const durable = before?.type === 'persist' ? decodeSigningState(before.signingState) : undefined;
      expect(durable?.ok && durable.value.votes.some((vote) => vote.type === effect.payload.type)).toBe(true);
    });
    expect(solo.signed()).toEqual(['prepare 0', 'commit 0', 'round-change 1']);
  });

  it('nothing at all as an observer, which still decides', () => {
    const solo = new Solo(follower, { config: { self: null } });
    solo.start();
    solo.due();
    solo.hear(proposal(leader(0), block));
    solo.judged(block.hash, true);
    const effects = solo.hear(...all.map((member) => commit(member, block.hash)));
    expect(types(effects)).toEqual(['commit']);
    expect(new Set(types(solo.effects))).toEqual(new Set(['pace', 'judge', 'commit']));
  });
});

describe('the leader', () => {
  it('asks for a block once it is due, and proposes what was built', () => {
    const solo = new Solo(leader(0));
    expect(solo.start()).toEqual([]);
    expect(types(solo.due())).toEqual(['schedule', 'build']);
    expect(solo.due()).toEqual([]);
    const effects = solo.built(block);
    expect(solo.signed()).toEqual(['proposal 0', 'prepare 0']);
    expect(solo.of('judge')).toEqual([]);
    const sent = only(effects, 'broadcast').map(({ message }) => decodeMessage(message));
    expect(sent).toMatchObject([{ value: { type: 'proposal' } }, { value: { type: 'prepare' } }]);
  });

  it('of a later round builds anew where nothing was prepared', () => {
    const solo = new Solo(leader(1));
    solo.start();
    solo.hear(...others(leader(1)).map((member) => roundChange(member, 1)));
    expect(solo.of('build')).toMatchObject([{ height: 1, round: 1 }]);
    const built = toy(leader(1), 7);
    solo.built(built, 1);
    const sent = solo.of('broadcast').map(({ message }) => decodeMessage(message));
    const proposed = sent.find((each) => each.ok && each.value.type === 'proposal');
    const peer = new Solo(leader(3));
    peer.start();
    const heard = peer.hear((proposed as { ok: true; value: QbftMessage }).value);
    expect(only(heard, 'judge')).toMatchObject([{ fresh: true, leader: leader(1).id }]);
    expect(peer.state.round).toBe(1);
  });

  it('of a later round proposes the prepared block again, which is held to no clock', () => {
    const solo = new Solo(leader(1));
    solo.start();
    const [x, y, z] = others(leader(1)) as [Member, Member, Member];
    solo.hear(roundChange(x, 1), roundChange(y, 1, block, 0), roundChange(z, 1));
    expect(solo.of('judge')).toMatchObject([{ fresh: false, blockHash: block.hash }]);
    expect(solo.of('build')).toEqual([]);
    solo.judged(block.hash, true);
    expect(solo.signed()).toEqual(['round-change 1', 'proposal 1', 'prepare 1']);
    const sent = solo.of('broadcast').map(({ message }) => decodeMessage(message));
    const proposed = sent.find((each) => each.ok && each.value.type === 'proposal');
    const peer = new Solo(z);
    peer.start();
    expect(only(peer.hear((proposed as { ok: true; value: QbftMessage }).value), 'judge')).toMatchObject([
      { fresh: false, blockHash: block.hash },
    ]);
  });

  it('drops a round change whose bytes are not the prepared block, and goes on with an honest one', () => {
    const solo = new Solo(leader(1));
    solo.start();
    const [x, y, z] = others(leader(1)) as [Member, Member, Member];
    solo.hear({ ...roundChange(x, 1, block, 0), block: rival.block }, roundChange(y, 1, block, 0), roundChange(z, 1));
    const asked = () => solo.of('judge').map((effect) => equal(effect.block, block.block));
    expect(asked()).toEqual([false]);
    solo.judged(block.hash, false);
    expect(asked()).toEqual([false, true]);
    solo.judged(block.hash, true);
    expect(solo.signed()).toContain('proposal 1');
    expect(decodeBlock(solo)).toEqual(block.block);
  });

  it('does not propose in a round that ended while it built', () => {
    const solo = new Solo(leader(0));
    solo.start();
    solo.due();
    solo.timeout(0);
    solo.built(block);
    expect(solo.signed()).toEqual(['round-change 1']);
  });

  it('keeps a proposal at home whose round ended while it was signed', () => {
    const solo = new Solo(leader(0), { signs: false });
    solo.start();
    solo.due();
    const [late] = only(solo.built(block), 'sign');
    solo.hear(...others(leader(0)).map((member) => roundChange(member, 4)));
    const anew = toy(leader(0), 9);
    solo.built(anew, 4);
    if (late === undefined) throw new Error('the leader of round 0 asked for no signature');
    expect(solo.sign(late)).toEqual([]);
    expect(solo.state.accepted).toBeNull();
  });
});

const decodeBlock = (solo: Solo) => {
  const sent = solo.of('broadcast').map(({ message }) => decodeMessage(message));
  const found = sent.find((each) => each.ok && each.value.type === 'proposal');
  return found?.ok && found.value.type === 'proposal' ? found.value.block : undefined;
};

describe('a vote', () => {
  it('from outside the set is refused', () => {
    const solo = afterProposal();
    const strangers = members(12).filter(({ id }) => !set.some((member) => equal(member.id, id)));
    expect(solo.hear(...strangers.map((member) => commit(member, block.hash)))).toEqual([]);
    expect(solo.hear(...strangers.map((member) => prepare(member, block.hash)))).toEqual([]);
    expect(solo.state.votes.get(round(0))?.commits.size ?? 0).toBe(0);
  });

  it('with a signature of another key or another chain is refused', () => {
    const solo = afterProposal();
    const forged = others(follower).map((member): QbftMessage => {
      const { vote } = commit(member, block.hash);
      return {
        type: 'commit',
        vote: { ...vote, signature: signed(follower, 'commit', { hash: block.hash }).signature },
      };
    });
    expect(solo.hear(...forged)).toEqual([]);
  });

  it('is verified once, however often it comes', () => {
    const solo = afterProposal();
    const [x] = others(follower) as [Member];
    const before = primitives.verifications.count;
    for (let i = 0; i < 5; i++) solo.hear(prepare(x, block.hash), commit(x, block.hash));
    expect(primitives.verifications.count - before).toBe(2);
  });

  it('far ahead of our round takes no memory', () => {
    const solo = afterProposal();
    const [x] = others(follower) as [Member];
    for (let at = 0; at < 100; at++) solo.hear(prepare(x, block.hash, at), commit(x, block.hash, at));
    expect(solo.state.votes.size).toBe(17);
  });
});

describe('a proposal', () => {
  it('of a later round without its justification is ignored', () => {
    const solo = new Solo(follower);
    solo.start();
    const later = toy(leader(1), 3);
    expect(solo.hear(proposal(leader(1), later, 1))).toEqual([]);
    const forged = others(follower).map((member) => roundChange(member, 1).vote);
    const unsigned = forged.map((vote) => ({ ...vote, signature: signed(follower, 'commit').signature }));
    expect(solo.hear(proposal(leader(1), later, 1, { roundChanges: unsigned }))).toEqual([]);
    const prepares = preparesOf(later.hash, 0).map((vote) => ({ ...vote, signature: vote.signature.map(() => 1) }));
    const claims = others(follower).map((member) => roundChange(member, 1, later, 0).vote);
    expect(
      solo.hear(proposal(leader(1), later, 1, { roundChanges: claims, prepares: prepares as typeof claims })),
    ).toEqual([]);
    expect(solo.state.round).toBe(0);
  });

  it('from anyone but the leader is ignored', () => {
    const solo = new Solo(follower);
    solo.start();
    for (const member of others(leader(0))) expect(solo.hear(proposal(member, toy(member)))).toEqual([]);
  });

  it('that contradicts the first one is evidence, once', () => {
    const solo = afterProposal();
    const third = toy(leader(0), 3);
    const effects = solo.hear(proposal(leader(0), rival), proposal(leader(0), rival), proposal(leader(0), third));
    expect(types(effects)).toEqual(['evidence']);
    const evidence = decodeEvidence(only(effects, 'evidence')[0]?.evidence as Uint8Array);
    expect(evidence.ok && verifyEvidence(primitives, chainId, set, evidence.value).ok).toBe(true);
    expect(solo.signed()).toEqual(['prepare 0']);
  });
});

describe('double votes', () => {
  it('are evidence for prepares, commits and round changes, and count nowhere', () => {
    const solo = afterProposal();
    const [x] = others(follower) as [Member];
    const pairs: [QbftMessage, QbftMessage][] = [
      [prepare(x, rival.hash), prepare(x, block.hash)],
      [commit(x, rival.hash), commit(x, block.hash)],
      [roundChange(x, 1), roundChange(x, 1, block, 0)],
    ];
    for (const [one, two] of pairs) {
      const effects = solo.hear(one, two, two);
      expect(types(effects)).toEqual(['evidence']);
      const evidence = decodeEvidence(only(effects, 'evidence')[0]?.evidence as Uint8Array);
      expect(evidence.ok && verifyEvidence(primitives, chainId, set, evidence.value).ok).toBe(true);
    }
    expect(solo.signed()).toEqual(['prepare 0']);
  });
});

describe('a height is decided', () => {
  it('by a quorum of commits, with a certificate of one round that verifies', () => {
    const solo = afterPrepares();
    const [x, y] = others(follower) as [Member, Member, Member];
    const effects = solo.hear(commit(x, block.hash), commit(y, block.hash));
    expect(types(effects)).toEqual(['commit']);
    const [decided] = only(effects, 'commit');
    expect(decided?.block).toEqual(block.block);
    expect(decided && verifyCertificate(primitives, chainId, set, decided.certificate).ok).toBe(true);
    expect(decided?.certificate.signatures.length).toBe(3);
    expect(solo.hear(commit(leader(2), block.hash))).toEqual([]);
    expect(solo.timeout(0)).toEqual([]);
  });

  it('not by commits of different rounds together', () => {
    const solo = afterProposal();
    const [x, y, z] = others(follower) as [Member, Member, Member];
    solo.hear(commit(x, block.hash, 0), commit(y, block.hash, 1), commit(z, block.hash, 2));
    expect(solo.of('commit')).toEqual([]);
  });

  it('by commits of an earlier or a later round than ours', () => {
    const early = afterPrepares();
    early.timeout(0);
    early.hear(...others(follower).map((member) => commit(member, block.hash, 0)));
    expect(early.of('commit')).toMatchObject([{ certificate: { round: 0 } }]);
    const late = afterProposal();
    late.hear(...others(follower).map((member) => commit(member, block.hash, 5)));
    expect(late.of('commit')).toMatchObject([{ certificate: { round: 5 } }]);
  });

  it('by commits that come before the block, once the block is known', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hear(...others(follower).map((member) => commit(member, block.hash)));
    expect(solo.of('commit')).toEqual([]);
    solo.hear(proposal(leader(0), block));
    // Held to the clock as a proposal, then asked for again without it, since a quorum has committed to it.
    expect(solo.of('judge').map(({ fresh }) => fresh)).toEqual([true, false]);
    solo.judged(block.hash, true);
    expect(solo.of('commit').length).toBe(1);
  });

  it('by a late proposal of a round that we left', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.due();
    solo.timeout(0);
    solo.hear(...others(follower).map((member) => commit(member, block.hash)));
    solo.hear(proposal(leader(0), block));
    expect(solo.of('judge')).toMatchObject([{ fresh: false }]);
    solo.judged(block.hash, true);
    expect(solo.of('commit').length).toBe(1);
  });

  it('although its block never came: those who committed to it are named, again at the end of each timer', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.due();
    const signers = others(follower);
    const effects = solo.hear(...signers.map((member) => commit(member, block.hash)));
    const named = signers.map(({ id }) => ({ type: 'behind', height: 2, from: id }));
    expect(effects).toEqual(expect.arrayContaining(named));
    expect(effects.length).toBe(named.length);
    expect(solo.hear(prepare(leader(0), block.hash))).toEqual([]);
    expect(only(solo.timeout(0), 'behind')).toEqual(expect.arrayContaining(named));
    solo.hear(proposal(leader(0), block));
    solo.judged(block.hash, true);
    expect(solo.of('commit').length).toBe(1);
  });

  it('although wrong bytes came under its hash: they are refused, and the right ones still asked for', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hear(...others(follower).map((member) => commit(member, block.hash)));
    solo.due();
    solo.timeout(0);
    solo.hear({ ...proposal(leader(0), block), block: rival.block });
    expect(solo.of('judge').at(-1)).toMatchObject({ blockHash: block.hash, block: rival.block, fresh: false });
    solo.judged(block.hash, false);
    const before = solo.of('behind').length;
    expect(solo.of('commit')).toEqual([]);
    solo.timeout(1);
    expect(solo.of('behind').length).toBeGreaterThan(before);
  });
});

describe('a vote of a round that we left', () => {
  it('is evidence where it contradicts another, within the window', () => {
    const solo = afterProposal();
    solo.timeout(0);
    const [x] = others(follower) as [Member];
    const pairs: [QbftMessage, QbftMessage][] = [
      [prepare(x, rival.hash), prepare(x, block.hash)],
      [commit(x, rival.hash), commit(x, block.hash)],
      [proposal(leader(0), block), proposal(leader(0), rival)],
    ];
    for (const [one, two] of pairs) expect(types(solo.hear(one, two, two))).toEqual(['evidence']);
    expect(solo.state.round).toBe(1);
  });

  it('is not held beyond the window', () => {
    const solo = afterProposal();
    const far = QBFT_LIMITS.roundsBehindMax + 1;
    const [x, y] = others(follower) as [Member, Member];
    solo.hear(roundChange(x, far), roundChange(y, far));
    expect(solo.state.round).toBe(far);
    expect(solo.hear(prepare(x, rival.hash), prepare(x, block.hash))).toEqual([]);
    expect(solo.state.votes.has(round(0))).toBe(false);
  });
});
