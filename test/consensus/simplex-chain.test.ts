import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import type { Vote } from '../../src/consensus/engine.ts';
import { decodeEvidence, verifyEvidence } from '../../src/consensus/evidence.ts';
import { simplex } from '../../src/consensus/simplex/index.ts';
import { SIMPLEX_LIMITS } from '../../src/consensus/simplex/limits.ts';
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
