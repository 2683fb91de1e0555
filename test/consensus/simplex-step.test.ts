import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import { equal } from '../../src/base/bytes.ts';
import type { Vote } from '../../src/consensus/engine.ts';
import { decodeEvidence, verifyEvidence } from '../../src/consensus/evidence.ts';
import { simplex } from '../../src/consensus/simplex/index.ts';
import { SIMPLEX_LIMITS } from '../../src/consensus/simplex/limits.ts';
import { decodeSigningState } from '../../src/consensus/simplex/signing-state.ts';
import { VIEWS_PER_HEIGHT } from '../../src/consensus/simplex/views.ts';
import { chainId, type Member, members, primitives } from './fakes.ts';
import {
  afterNotarisation,
  all,
  certificate,
  child,
  genesis,
  leaderAt,
  messagesIn,
  only,
  proposal,
  proposedAgain,
  Solo,
  said,
  says,
  set,
  types,
} from './simplex-solo.ts';

const block = child(genesis);
const next = child(block, all[1]);
const rival = child(genesis, all[0], 2);
/** Leads none of the views 0 to 2. */
const follower = all[3] as Member;
const [a, b, c] = all as readonly [Member, Member, Member];

describe('the engine signs', () => {
  it('nothing before start, as an observer, or for a set it is not in', () => {
    const stranger = members(5).find(({ id }) => !all.some((member) => equal(member.id, id))) as Member;
    for (const self of [null, stranger]) {
      const solo = new Solo(self);
      solo.due();
      solo.hear(a, proposal(0, block));
      expect(solo.effects).toEqual([]);
      solo.start();
      solo.hear(a, proposal(0, block));
      solo.judged(block);
      solo.timeout();
      expect(solo.signed()).toEqual([]);
    }
  });

  it('a notarise vote only after the block was judged valid, as a fresh one of the leader', () => {
    const solo = new Solo(follower);
    solo.start();
    const heard = only(solo.hear(a, proposal(0, block)), 'judge');
    expect(heard).toMatchObject([
      { fresh: true, leader: a.id, blockHash: block.hash, parentHash: genesis.hash, height: 1 },
    ]);
    expect(solo.signed()).toEqual([]);
    expect(types(solo.judged(block))).toEqual(['persist', 'sign', 'broadcast']);
    expect(solo.signed()).toEqual(['notarise 0']);
    const doubter = new Solo(follower);
    doubter.start();
    doubter.hear(a, proposal(0, block));
    doubter.judged(block, false);
    expect(doubter.signed()).toEqual([]);
  });

  it('one notarise vote a view, and none in a view that it nullified', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hear(a, proposal(0, block));
    solo.judged(block);
    solo.hear(a, proposal(0, rival));
    solo.judged(rival);
    expect(solo.signed()).toEqual(['notarise 0']);
    const late = new Solo(follower);
    late.start();
    late.due();
    late.timeout();
    late.hear(a, proposal(0, block));
    late.judged(block);
    expect(late.signed()).toEqual(['nullify 0']);
  });

  it('a nullify vote after a notarise vote, and then no finalise vote any more', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.due();
    solo.hear(a, proposal(0, block));
    solo.judged(block);
    solo.timeout();
    solo.hearAll(...[a, b, c].map((member) => says(member, 'notarise', 0, block)));
    expect(solo.state.view).toBe(1);
    expect(solo.signed()).toEqual(['notarise 0', 'nullify 0']);
  });

  it('a finalise vote on a notarisation, and then no nullify vote', () => {
    const solo = afterNotarisation(follower);
    expect(solo.signed()).toEqual(['notarise 0', 'finalise 0']);
    // Its peers give the view up after all.
    solo.hearAll(...[a, b].map((member) => says(member, 'nullify', 0)));
    solo.timeout(0);
    solo.repeat();
    solo.repeat();
    expect(solo.signed().filter((each) => each === 'nullify 0')).toEqual([]);
  });

  it('never without persisting that very vote just before', () => {
    const solo = afterNotarisation(follower);
    solo.due(block.hash);
    solo.timeout(1);
    solo.effects.forEach((effect, i) => {
      if (effect.type !== 'sign') return;
      const before = solo.effects[i - 1];
      expect(before?.type).toBe('persist');
      if (before?.type !== 'persist') return;
      expect(before.height).toBe(effect.payload.height);
      expect(simplex.permits(before.signingState, effect.payload)).toBe(true);
      expect(simplex.permits(before.signingState, { ...effect.payload, round: round(9) })).toBe(false);
    });
    expect(solo.signed()).toEqual(['notarise 0', 'finalise 0', 'nullify 1']);
  });

  it('a finalise vote only with the block, its notarisation and its unfinal ancestors durable', () => {
    const solo = afterNotarisation(follower);
    solo.hear(b, proposal(1, next, 0));
    solo.judged(next);
    solo.hearAll(...[a, b].map((member) => says(member, 'notarise', 1, next)));
    expect(solo.signed().at(-1)).toBe('finalise 1');
    const read = decodeSigningState(solo.lastPersisted());
    expect(read).toMatchObject({ ok: true, value: { lock: { notarisation: { view: 1, blockHash: next.hash } } } });
    expect(read.ok && read.value.lock?.blocks.map(({ hash }) => hash)).toEqual([block.hash, next.hash]);
  });
});

describe('a proposal', () => {
  it('counts only from its leader, brought by itself', () => {
    const solo = new Solo(follower);
    solo.start();
    expect(solo.hear(b, { ...proposal(0, block), vote: proposal(1, block).vote })).toEqual([]);
    expect(solo.hear(b, proposal(0, block))).toEqual([]);
    expect(types(solo.hear(a, proposal(0, block)))).toContain('judge');
  });

  it('must not skip a view that is not shown to be nullified', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hearAll(certificate('nullify', 1)); // view 0 may have notarised anything
    const heard = solo.hear(c, proposal(2, child(genesis, c)));
    expect(only(heard, 'judge')).toEqual([]);
    expect(messagesIn(heard)).toMatchObject([{ type: 'request-views', from: 0, to: 0 }]);
    expect(only(solo.hearAll(certificate('nullify', 0)), 'judge').length).toBe(1);
  });

  it('must not pass by a notarised block whose view is not nullified', () => {
    const solo = afterNotarisation(follower);
    expect(only(solo.hear(b, proposal(1, child(genesis, b, 7))), 'judge')).toEqual([]);
    expect(only(solo.hear(c, proposal(2, child(genesis, c, 7))), 'judge')).toEqual([]);
  });

  it('may stand on either side where a view both notarised and was nullified', () => {
    for (const onBlock of [true, false]) {
      const solo = afterNotarisation(follower);
      solo.hearAll(certificate('nullify', 0));
      const built = onBlock ? next : child(genesis, b, 7);
      expect(only(solo.hear(b, proposal(1, built, onBlock ? 0 : null)), 'judge').length).toBe(1);
    }
  });

  it('may not pass off a valid block of elsewhere as a child of its parent', () => {
    const solo = afterNotarisation(a);
    solo.hear(b, proposal(1, next, 0));
    solo.judged(next);
    solo.hearAll(certificate('nullify', 0), certificate('nullify', 1));
    solo.hear(c, proposal(2, { ...rival, height: height(1) }));
    solo.judged(rival);
    solo.hearAll(...[b, c].map((member) => says(member, 'notarise', 2, rival)));
    expect(solo.state.view).toBe(3);
    // `next` is valid, and no child of `rival`.
    solo.hear(follower, proposal(3, { ...next, parentHash: rival.hash }, 2));
    expect(solo.signed().filter((each) => each.startsWith('notarise'))).toEqual([
      'notarise 0',
      'notarise 1',
      'notarise 2',
    ]);
  });

  it('of a set-changing block can only be that block again, until it is final', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hear(a, proposal(0, block));
    solo.judged(block, true, true);
    solo.hearAll(...[a, b].map((member) => says(member, 'notarise', 0, block)));
    expect(solo.state.view).toBe(1);
    expect(only(solo.hear(b, proposal(1, next, 0)), 'judge')).toEqual([]);
    const again = new Solo(follower);
    again.start();
    again.hear(a, proposal(0, block));
    again.judged(block, true, true);
    again.hearAll(...[a, b].map((member) => says(member, 'notarise', 0, block)));
    again.hear(b, proposedAgain(1, block, 0));
    expect(again.signed()).toEqual(['notarise 0', 'finalise 0', 'notarise 1']);
    again.hearAll(...[a, b].map((member) => says(member, 'notarise', 1, block)));
    again.hearAll(...[a, b].map((member) => says(member, 'finalise', 1, block)));
    expect(again.of('commit')).toMatchObject([{ height: 1, certificate: { round: 1, height: 1 } }]);
    // The set decides nothing more: no timer, no vote.
    const before = again.effects.length;
    again.timeout();
    again.due(block.hash);
    expect(again.effects.length).toBe(before);
  });
});

describe('a leader', () => {
  it('builds on the notarised block while that one still waits for finality', () => {
    const solo = afterNotarisation(b);
    expect(solo.of('build')).toEqual([]);
    expect(solo.of('pace').at(-1)).toMatchObject({ parentHash: block.hash });
    expect(only(solo.due(block.hash), 'build')).toMatchObject([{ height: 2, round: 1, parentHash: block.hash }]);
    const [sent] = messagesIn(
      solo.feed({
        type: 'built',
        round: round(1),
        parentHash: block.hash,
        blockHash: next.hash,
        block: next.block,
        changesSet: false,
      }),
    );
    expect(sent).toMatchObject({ type: 'proposal', parentView: 0, parentHash: block.hash, block: next.block });
    expect(solo.of('commit')).toEqual([]);
  });

  it('proposes a set-changing block again instead of building on it', () => {
    const solo = new Solo(b);
    solo.start();
    solo.hear(a, proposal(0, block));
    solo.judged(block, true, true);
    solo.hearAll(...[a, c].map((member) => says(member, 'notarise', 0, block)));
    const effects = solo.due(block.hash);
    expect(solo.of('build')).toEqual([]);
    expect(messagesIn(effects)[0]).toMatchObject({
      type: 'proposal',
      parentHash: block.hash,
      block: null,
      parentView: 0,
    });
  });

  it('asks for the notarised block that it lacks, and builds when it has it', () => {
    const solo = new Solo(b);
    solo.start();
    const heard = solo.hear(c, certificate('notarise', 0, block));
    expect(only(heard, 'send').map(({ to }) => to)).toEqual([c.id]);
    expect(messagesIn(heard)).toMatchObject([
      { type: 'notarisation' },
      { type: 'request-block', blockHash: block.hash },
    ]);
    const got = solo.hear(c, {
      type: 'block',
      blockHash: block.hash,
      parentHash: block.parentHash,
      block: block.block,
    });
    expect(only(got, 'judge')).toMatchObject([{ fresh: false, height: 1 }]);
    solo.judged(block);
    expect(only(solo.due(block.hash), 'build').length).toBe(1);
  });
});

describe('time', () => {
  it('of a view counts from the moment the child of its base is due', () => {
    const solo = new Solo(follower);
    expect(types(solo.start())).toEqual(['pace']);
    expect(only(solo.due(), 'schedule').map(({ height: at, round: view, delayMs }) => [at, view, delayMs])).toEqual([
      [1, 0, 100],
      [0, 1, 100],
    ]);
  });

  it('doubles with every view nullified since the last finalisation, up to the cap', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.due();
    for (let view = 0; view < 5; view++) solo.hearAll(certificate('nullify', view));
    const delays = solo.of('schedule').flatMap((each) => (each.height > 0 ? [each.delayMs] : []));
    expect(delays).toEqual([100, 200, 400, 800, 800, 800]);
    const healed = afterNotarisation(follower);
    healed.hearAll(certificate('nullify', 1), certificate('nullify', 2));
    healed.hearAll(certificate('finalise', 3, next));
    expect(healed.state.view).toBe(4);
  });

  it('of a view is over at once where f + 1 gave it up', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hearAll(says(a, 'nullify', 0));
    expect(solo.signed()).toEqual([]);
    solo.hearAll(says(b, 'nullify', 0));
    expect(solo.signed()).toEqual(['nullify 0']);
    expect(solo.state.view).toBe(1);
  });
});

describe('finality', () => {
  it('reaches down to every ancestor, in order, by one certificate', () => {
    const solo = afterNotarisation(follower);
    solo.hear(b, proposal(1, next, 0));
    solo.judged(next);
    solo.hearAll(...[a, b].map((member) => says(member, 'notarise', 1, next)));
    solo.hearAll(...[a, b].map((member) => says(member, 'finalise', 1, next)));
    const commits = solo.of('commit');
    expect(commits.map(({ height: at }) => at)).toEqual([1, 2]);
    for (const { certificate: proof } of commits)
      expect(proof).toMatchObject({ engine: 'simplex', height: 2, round: 1, blockHash: next.hash, path: [] });
    expect(simplex.head(solo.state)).toEqual({ height: 2, blockHash: next.hash });
  });

  it('waits for the block, and asks who showed it', () => {
    const solo = new Solo(follower);
    solo.start();
    const heard = solo.hear(b, certificate('finalise', 0, block));
    expect(said(heard)).toEqual(['finalisation', 'request-block']);
    expect(solo.of('commit')).toEqual([]);
    solo.hear(b, { type: 'block', blockHash: block.hash, parentHash: block.parentHash, block: block.block });
    expect(types(solo.judged(block))).toContain('commit');
  });

  it('of a block far above sends the host to sync', () => {
    const solo = new Solo(follower);
    solo.start();
    const far = { ...block, height: height(30) };
    expect(only(solo.hear(b, certificate('finalise', 29, far)), 'behind')).toEqual([
      { type: 'behind', height: 31, from: b.id },
    ]);
    const farther = { ...block, height: height(300) };
    expect(only(solo.hear(b, certificate('finalise', 299, farther)), 'behind')).toEqual([
      { type: 'behind', height: 301, from: b.id },
    ]);
  });

  it('drops bytes that were refused, and takes them from another peer', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hear(b, certificate('finalise', 0, block));
    solo.hear(b, { type: 'block', blockHash: block.hash, parentHash: block.parentHash, block: rival.block });
    solo.judged(block, false);
    const asked = messagesIn(solo.repeat()).filter(({ type }) => type === 'request-block');
    expect(asked.length).toBe(1);
    solo.hear(c, { type: 'block', blockHash: block.hash, parentHash: block.parentHash, block: block.block });
    expect(types(solo.judged(block))).toContain('commit');
  });

  it('does not believe a made-up parent of a block that stands on the tip', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hear(b, certificate('finalise', 0, block));
    solo.hear(b, { type: 'block', blockHash: block.hash, parentHash: rival.hash, block: block.block });
    expect(solo.state.blocks.size).toBe(0);
  });
});

describe('a start', () => {
  it('on a block that the engine committed acknowledges it: the view goes on, what lies below is dropped', () => {
    const solo = afterNotarisation(follower);
    solo.hear(b, proposal(1, next, 0));
    solo.judged(next);
    solo.hearAll(...[a, b].map((member) => says(member, 'notarise', 1, next)));
    solo.hearAll(...[a, b].map((member) => says(member, 'finalise', 1, next)));
    const view = solo.state.view;
    const effects = solo.start({ height: height(2), parentHash: block.hash, parentRound: round(1) });
    expect(types(effects)).toEqual([]);
    expect(solo.state.view).toBe(view);
    expect([...solo.state.blocks.values()].map(({ height: at }) => at)).toEqual([2]);
    solo.start({ height: height(3), parentHash: next.hash, parentRound: round(1) });
    expect(solo.state.blocks.size).toBe(0);
    expect(solo.state.root).toMatchObject({ height: 2, view: 1 });
    expect(solo.of('commit').length).toBe(2);
  });

  it('on an unknown tip adopts it, in the view after the one that made it final', () => {
    const solo = afterNotarisation(follower);
    const synced = child({ height: 49, hash: rival.hash });
    solo.start({ height: height(51), parentHash: synced.hash, parentRound: round(77) });
    expect(solo.state.view).toBe(78);
    expect(solo.state.blocks.size).toBe(0);
    const above = child(synced, leaderAt(78));
    expect(only(solo.hear(leaderAt(78), proposal(78, above, 77)), 'judge').length).toBe(1);
    // An older one changes nothing.
    const before = solo.state;
    solo.start({ height: height(3), parentHash: next.hash, parentRound: round(1) });
    expect(solo.state).toBe(before);
  });

  it('of a new epoch begins at its first view, and hears what came early', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hear(a, proposal(0, block));
    solo.judged(block, true, true);
    solo.hearAll(certificate('notarise', 0, block), certificate('finalise', 0, block));
    expect(solo.of('commit').length).toBe(1);
    const first = VIEWS_PER_HEIGHT;
    const leader = leaderAt(first);
    const early = proposal(first, child(block, leader));
    expect(solo.hear(leader, early)).toEqual([]);
    const effects = solo.start({ height: height(2), parentHash: block.hash, parentRound: round(0), epoch: height(2) });
    expect(solo.state.view).toBe(first);
    expect(only(effects, 'judge').length).toBe(1);
    solo.due(block.hash);
    solo.timeout(first, 2);
    expect(solo.of('sign').at(-1)).toMatchObject({ payload: { type: 'nullify', height: 2, round: first } });
  });

  it('after votes of an epoch to come signs nothing until that one', () => {
    const later = new Solo(follower);
    later.start({ height: height(9), parentHash: block.hash, parentRound: round(3), epoch: height(9) });
    later.due(block.hash);
    later.timeout(8 * VIEWS_PER_HEIGHT, 9);
    expect(later.signed().length).toBe(1);
    const solo = new Solo(follower);
    solo.start({ restored: later.lastPersisted() });
    solo.hear(a, proposal(0, block));
    solo.judged(block);
    solo.timeout();
    expect(solo.signed()).toEqual([]);
  });
});

describe('a restart', () => {
  it('takes up view, votes and locked block, and signs the finalise vote again', () => {
    const before = afterNotarisation(follower);
    before.due(block.hash);
    before.timeout(1);
    const solo = new Solo(follower);
    solo.start({ restored: before.lastPersisted() });
    expect(solo.state.view).toBe(1);
    expect(solo.signed()).toEqual(['finalise 0', 'nullify 1']);
    expect(solo.of('judge')).toMatchObject([{ blockHash: block.hash, fresh: false }]);
    solo.judged(block);
    expect(simplex.head(solo.state)).toEqual({ height: 1, blockHash: block.hash });
    // The others need nothing but this node's word to go on.
    expect(said(solo.effects)).toContain('notarisation');
  });

  it('votes nothing else in a view that it voted in', () => {
    const before = new Solo(follower);
    before.start();
    before.hear(a, proposal(0, block));
    before.judged(block);
    const solo = new Solo(follower);
    solo.start({ restored: before.lastPersisted() });
    solo.hear(a, proposal(0, rival));
    solo.judged(rival);
    expect(solo.signed()).toEqual([]);
    solo.due();
    solo.timeout();
    expect(solo.signed()).toEqual(['nullify 0']);
  });

  it('with a damaged signing state follows and is silent for good', () => {
    const solo = new Solo(follower);
    const bytes = afterNotarisation(follower).lastPersisted().slice(1);
    solo.start({ restored: bytes });
    solo.hear(a, proposal(0, block));
    solo.due();
    solo.timeout();
    solo.hearAll(certificate('notarise', 0, block), certificate('finalise', 0, block));
    solo.judged(block);
    expect(solo.signed()).toEqual([]);
    expect(solo.of('commit').length).toBe(1);
    const vote = afterNotarisation(follower).of('sign')[0]?.payload as Vote;
    expect(simplex.permits(bytes, vote)).toBe(false);
  });
});

describe('evidence', () => {
  const evidenceOfSolo = (solo: Solo) =>
    solo.of('evidence').map(({ evidence }) => {
      const read = decodeEvidence(evidence);
      if (!read.ok) throw new Error(read.rejection.code);
      expect(verifyEvidence(primitives, chainId, set, read.value).ok).toBe(true);
      return [read.value.first.type, read.value.second.type];
    });

  it('is reported once for two proposals, notarise votes or finalise votes, and for nullify beside finalise', () => {
    const solo = new Solo(follower);
    solo.start();
    for (let i = 0; i < 2; i++) {
      solo.hear(a, proposal(0, block), proposal(0, rival));
      for (const type of ['notarise', 'finalise'] as const)
        solo.hear(a, says(a, type, 0, block), says(a, type, 0, rival));
      solo.hear(a, says(a, 'nullify', 0));
    }
    expect(evidenceOfSolo(solo)).toEqual([
      ['proposal', 'proposal'],
      ['notarise', 'notarise'],
      ['finalise', 'finalise'],
      expect.arrayContaining(['nullify', 'finalise']),
    ]);
  });

  it('is found in certificates too', () => {
    const solo = new Solo(follower);
    solo.start();
    solo.hear(a, says(a, 'nullify', 0));
    solo.hearAll(certificate('finalise', 0, block));
    expect(evidenceOfSolo(solo).length).toBe(1);
  });
});

describe('a peer', () => {
  it('that asks from an earlier view is told how that ended, what opened ours, and what is final', () => {
    const solo = afterNotarisation(follower);
    solo.hearAll(...[a, b].map((member) => says(member, 'finalise', 0, block)));
    solo.hearAll(certificate('nullify', 1));
    const asks = (from: number, to: number) =>
      solo.hear(c, { type: 'request-views', from: round(from), to: round(to) });
    expect(said(asks(0, 0)).toSorted()).toEqual(['finalisation', 'notarisation', 'nullification']);
    expect(said(asks(1, 2))).toEqual(['nullification']);
    expect(said(asks(2, 2))).toEqual([]);
  });

  it('hears from us again, and is asked, when nothing moved for a while', () => {
    const solo = afterNotarisation(follower);
    expect(said(solo.repeat())).toEqual([]);
    expect(said(solo.repeat())).toEqual(['request-views', 'notarisation', 'finalise']);
    solo.due(block.hash);
    solo.timeout(1);
    expect(said(solo.repeat())).toEqual(['request-views', 'notarisation', 'finalise', 'nullify']);
    solo.hearAll(...[a, b].map((member) => says(member, 'finalise', 0, block)));
    expect(said(solo.repeat())).toEqual([]); // something moved
  });

  it('gets certificates and blocks for the asking, and not without end', () => {
    const solo = afterNotarisation(follower);
    const request = { type: 'request-views', from: round(0), to: round(3) } as const;
    expect(said(solo.hear(a, request))).toEqual(['notarisation']);
    expect(said(solo.hear(a, { type: 'request-block', blockHash: block.hash }))).toEqual(['block']);
    let answers = 0;
    for (let i = 0; i < 200; i++) answers += solo.hear(a, request).length;
    expect(answers).toBe(SIMPLEX_LIMITS.answersMax - 2);
    expect(solo.hear(b, request).length).toBe(1);
  });

  it('cannot make a certificate of too few, of strangers or of bad signatures', () => {
    const solo = new Solo(follower);
    solo.start();
    const good = certificate('nullify', 0);
    const [first, ...rest] = good.signatures as [(typeof good.signatures)[0], ...typeof good.signatures];
    solo.hearAll({ ...good, signatures: rest });
    solo.hearAll({ ...good, signatures: [{ ...first, signature: rest[0]?.signature ?? first.signature }, ...rest] });
    solo.hearAll(certificate('nullify', 0, null, [...members(6).slice(0, 3)]));
    solo.hearAll({ ...good, height: height(2) });
    expect(solo.state.view).toBe(0);
    solo.hearAll(good);
    expect(solo.state.view).toBe(1);
  });

  it('is not verified twice for the same words', () => {
    const solo = afterNotarisation(follower);
    const { verifications } = primitives;
    const before = verifications.count;
    solo.hearAll(...[a, b, c].map((member) => says(member, 'notarise', 0, block)));
    solo.hearAll(certificate('notarise', 0, block));
    expect(verifications.count).toBe(before);
  });
});

describe('memory', () => {
  it('stays bounded under hundreds of nullified views, and the chain goes on', () => {
    const solo = new Solo(follower);
    solo.start();
    const last = SIMPLEX_LIMITS.viewsBehindMax + 300;
    for (let view = 0; view < last; view++) solo.hearAll(certificate('nullify', view));
    expect(solo.state.views.size).toBeLessThanOrEqual(SIMPLEX_LIMITS.viewsBehindMax + 1);
    expect(only(solo.hear(leaderAt(last), proposal(last, child(genesis, leaderAt(last)))), 'judge').length).toBe(1);
  });

  it('keeps votes of a few views ahead, and no more', () => {
    const solo = new Solo(follower);
    solo.start();
    for (let view = 1; view < 100; view++) solo.hearAll(says(a, 'nullify', view), says(a, 'notarise', view, block));
    expect(solo.state.views.size).toBe(SIMPLEX_LIMITS.viewsAheadMax);
  });
});
