import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import { equal } from '../../src/base/bytes.ts';
import { simplex } from '../../src/consensus/simplex/index.ts';
import { decodeSigningState } from '../../src/consensus/simplex/signing-state.ts';
import { type Member, members } from './fakes.ts';
import {
  afterNotarisation,
  all,
  certificate,
  child,
  genesis,
  messagesIn,
  only,
  proposal,
  proposedAgain,
  Solo,
  says,
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
