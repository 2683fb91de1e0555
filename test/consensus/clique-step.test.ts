import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { clique, deepestReversalOf, encodeBlockMessage } from '../../src/consensus/clique/index.ts';
import { CLIQUE_LIMITS, EPOCH_DIFFICULTY } from '../../src/consensus/clique/limits.ts';
import { decodeMessage, encodeMessage } from '../../src/consensus/clique/messages.ts';
import { decodeEvidence, verifyEvidence } from '../../src/consensus/evidence.ts';
import {
  CliqueSolo,
  chainOn,
  genesis,
  memberAt,
  only,
  type Sealed,
  sealOn,
  set,
  signedBy,
  types,
} from './clique-solo.ts';
import { chainId, primitives, sha256 } from './fakes.ts';

const at = (i: number): CliqueSolo => {
  const solo = new CliqueSolo(memberAt(i));
  solo.start();
  return solo;
};
const observer = (): CliqueSolo => {
  const solo = new CliqueSolo(null);
  solo.start();
  return solo;
};
const committed = (solo: CliqueSolo) => solo.of('commit').map(({ blockHash }) => toHex(blockHash));
const hashes = (chain: readonly Sealed[]) => chain.map(({ hash }) => toHex(hash));

describe('sealing', () => {
  it('in turn at once, out of turn after a wait that grows with the place (CLIQUE-4)', () => {
    expect(types(at(1).due(genesis))).toEqual(['build']);
    for (const [i, delayMs] of [
      [2, 50],
      [3, 100],
      [0, 150],
    ] as const) {
      const solo = at(i);
      const [schedule] = only(solo.due(genesis), 'schedule');
      expect(schedule).toMatchObject({ height: 1, round: 1, delayMs });
      expect(types(solo.feed({ type: 'timeout', height: height(1), round: round(1) }))).toEqual(['build']);
    }
  });

  it('not before a block is due, nor on a block that is no longer the head', () => {
    const solo = at(1);
    expect(types(solo.feed({ type: 'timeout', height: height(1), round: round(2) }))).toEqual([]);
    solo.due(genesis);
    const rival = sealOn(genesis, 2);
    solo.hear(rival);
    expect(types(solo.built(genesis))).not.toContain('sign');
  });

  it('makes vote and block durable before the key touches them (CLIQUE-8)', () => {
    const solo = at(1);
    solo.due(genesis);
    const effects = types(solo.built(genesis));
    expect(effects.slice(0, 2)).toEqual(['persist', 'sign']);
    expect(effects).toContain('broadcast');
    const [asked] = solo.of('sign');
    if (asked === undefined) throw new Error('no vote');
    expect(asked.payload).toMatchObject({ height: 1, round: 2, type: 'seal', preparedRound: null, preparedHash: null });
    expect(clique.permits(solo.lastPersisted(), asked.payload)).toBe(true);
    expect(clique.permits(solo.lastPersisted(), { ...asked.payload, blockHash: sha256(utf8('other')) })).toBe(false);
    expect(clique.permits(utf8('damaged'), asked.payload)).toBe(false);
  });

  it('once in any three consecutive blocks of four validators (CLIQUE-5)', () => {
    const chain = chainOn(genesis, [1, 2, 3]);
    const solo = at(1);
    solo.hear(...chain.slice(0, 2));
    expect(types(solo.due(chain[1] as Sealed))).toEqual([]);
    solo.hear(chain[2] as Sealed);
    expect(types(solo.due(chain[2] as Sealed))).toEqual(['schedule']);

    const tooSoon = sealOn(chain[1] as Sealed, 1);
    solo.hear(tooSoon);
    expect(solo.of('judge').map(({ blockHash }) => toHex(blockHash))).not.toContain(toHex(tooSoon.hash));
  });

  it('never by an observer, a stranger to the set, or with a damaged signing state', () => {
    const stranger = new CliqueSolo(memberAt(3));
    stranger.start(genesis, null, set.slice(0, 3));
    const damaged = new CliqueSolo(memberAt(1));
    damaged.start(genesis, utf8('not a signing state'));
    for (const solo of [observer(), stranger, damaged]) {
      solo.due(genesis);
      solo.hear(...chainOn(genesis, [2, 0]));
      expect(solo.of('build')).toEqual([]);
      expect(solo.of('sign')).toEqual([]);
    }
  });
});

describe('a restart', () => {
  it('offers the sealed block and the chain below it again, and seals nothing as light as what it sealed (CLIQUE-7, CLIQUE-8)', () => {
    const before = at(1);
    const below = chainOn(genesis, [2, 3, 0]);
    before.hear(...below);
    before.due(below[2] as Sealed);
    before.feed({ type: 'timeout', height: height(4), round: round(4) });
    before.built(below[2] as Sealed);
    expect(before.of('sign')).toHaveLength(1);

    const after = new CliqueSolo(memberAt(1));
    after.verdict = 'held';
    const effects = after.start(genesis, before.lastPersisted());
    expect(types(effects).filter((type) => type === 'persist' || type === 'sign')).toEqual(['persist', 'sign']);
    expect(after.of('sign')[0]?.payload).toEqual(before.of('sign')[0]?.payload);
    expect(after.sent().find(({ type }) => type === 'block')).toEqual(
      before.sent().find(({ type }) => type === 'block'),
    );
    after.due(genesis);
    expect(after.of('build')).toEqual([]);
    for (const { hash } of below) after.judged(hash, 'valid');
    const own = before.headHash();
    after.judged(sha256(utf8(`${toHex((below[2] as Sealed).hash)} own `)), 'valid');
    expect(after.headHash()).toBe(own);
  });

  it('knows who sealed below the tip from its signing state', () => {
    const before = at(1);
    const chain = chainOn(genesis, [0, 1, 2, 3, 0]);
    before.hear(...chain);
    expect(committed(before)).toEqual(hashes(chain.slice(0, 2)));
    const tip = chain[1] as Sealed;
    const after = new CliqueSolo(memberAt(1));
    after.start(tip, before.lastPersisted());
    after.due(tip);
    expect(after.of('schedule').filter((each) => each.height > 0)).toEqual([]);
  });
});

describe('a start with a new key, so without a signing state', () => {
  const chain = chainOn(genesis, [3, 0, 1]);
  const tip = chain[2] as Sealed;
  const built = [...chain].reverse().map(({ hash: blockHash, seal }) => ({ blockHash, proposer: seal.validator }));
  const waits = (i: number, epoch: number, below = built): boolean => {
    const solo = new CliqueSolo(memberAt(i));
    solo.start(tip, null, set, epoch, below);
    return !types(solo.due(tip)).some((type) => type === 'build' || type === 'schedule');
  };

  it('knows from the builders of the durable blocks who may not seal (CLIQUE-5)', () => {
    expect([0, 1, 2, 3].filter((i) => waits(i, 1))).toEqual([0, 1]);
    const solo = new CliqueSolo(null);
    solo.start(tip, null, set, 1, built);
    expect(solo.hear(sealOn(tip, 0))).toEqual([]);
    expect(types(solo.hear(sealOn(tip, 2)))).toContain('judge');
  });

  it('counts of another set its last block alone, and forbids nothing where the host has no more', () => {
    expect([0, 1, 2, 3].filter((i) => waits(i, 4))).toEqual([1]);
    expect([0, 1, 2, 3].filter((i) => waits(i, 3))).toEqual([0, 1]);
    expect([0, 1, 2, 3].filter((i) => waits(i, 1, built.slice(0, 1)))).toEqual([1]);
    expect([0, 1, 2, 3].filter((i) => waits(i, 1, []))).toEqual([]);
  });

  it.each([1, 3, 4])(
    'stops at a heavier rival of below the tip as if it had not restarted, with a set since height %d (CLIQUE-10)',
    (epoch) => {
      const solo = new CliqueSolo(null);
      solo.start(tip, null, set, epoch, built);
      const below = epoch === 4 ? { ...tip, round: tip.round + EPOCH_DIFFICULTY } : tip;
      const ours = chainOn(below, [3, 2, 0, 1]);
      solo.hear(...ours);
      expect(committed(solo)).toHaveLength(1);
      const theirs = chainOn(below, [2, 0, 1, 2, 3, 0]);
      expect(only(solo.hear(...theirs), 'halt')).toEqual([{ type: 'halt', code: 'clique.deep-reversal' }]);
    },
  );
});

describe('verdicts (CLIQUE-3)', () => {
  const [first, second] = chainOn(genesis, [1, 2]) as [Sealed, Sealed];

  it('holds a new block to the clock and names its sealer', () => {
    const solo = observer();
    solo.hear(first);
    expect(solo.of('judge')).toMatchObject([{ fresh: true, height: 1, leader: memberAt(1).id }]);
  });

  it('asks again without the clock once another validator sealed on it, or when it is offered again', () => {
    for (const again of [[second], [first]]) {
      const solo = observer();
      solo.verdict = 'invalid';
      solo.hear(first);
      solo.verdict = 'valid';
      solo.hear(...again);
      expect(
        solo
          .of('judge')
          .filter(({ blockHash }) => blockHash === first.hash)
          .map(({ fresh }) => fresh),
      ).toEqual([true, false]);
      expect(solo.headHash()).toBe(toHex((again[0] as Sealed).hash));
    }
  });

  it('does not lose a block because a peer sent other bytes under its hash first', () => {
    const solo = observer();
    const forged = { ...first.message, block: utf8('forged') };
    solo.verdict = 'invalid';
    for (let i = 0; i < 2; i++) solo.from(memberAt(2), forged);
    solo.verdict = 'valid';
    solo.hear(first);
    expect(solo.headHash()).toBe(toHex(first.hash));
  });

  it('never has more questions about the clock open than a host lets wait', () => {
    const solo = observer();
    solo.verdict = 'held';
    for (let name = 0; name < 20; name++) for (let by = 0; by < 4; by++) solo.hear(sealOn(genesis, by, `${name}`));
    expect(solo.of('judge')).toHaveLength(CLIQUE_LIMITS.freshVerdictsMax);
  });
});

describe('what is refused', () => {
  const first = sealOn(genesis, 1);
  it.each([
    ['a wrong total difficulty', signedBy(memberAt(1), 1, { blockHash: first.hash, round: round(1) })],
    ['a wrong height', signedBy(memberAt(1), 2, { blockHash: first.hash, round: round(2) })],
    ['a foreign signature', { ...first.seal, signature: sealOn(genesis, 2).seal.signature }],
    ['another validator', { ...first.seal, validator: memberAt(2).id }],
  ])('a seal with %s', (_, seal) => {
    const solo = observer();
    solo.from(memberAt(1), { ...first.message, seal });
    expect(solo.of('judge')).toEqual([]);
    expect(solo.headHash()).toBe(toHex(genesis.hash));
  });

  it('messages whose seal has not the form of its type', () => {
    const bad = [
      { ...first.message, seal: signedBy(memberAt(1), 1, { blockHash: first.hash, type: 'ack' }) },
      { ...first.message, seal: { ...first.seal, preparedHash: first.hash } },
      { type: 'ack' as const, seal: { ...first.seal, type: 'ack' } },
      { type: 'head' as const, seal: { ...first.seal, type: 'prepare' } },
    ];
    for (const message of bad) expect(decodeMessage(encodeMessage(message)).ok).toBe(false);
    expect(decodeMessage(encodeBlockMessage(first.seal, genesis.hash, first.message.block))).toEqual({
      ok: true,
      value: first.message,
    });
  });

  it('bytes that are none, without a throw', () => {
    const good = encodeMessage(first.message);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat(255), (noise, where, byte) => {
        decodeMessage(noise);
        const altered = good.slice();
        altered[where % altered.length] = byte;
        const read = decodeMessage(altered);
        if (read.ok) observer().from(memberAt(2), read.value);
      }),
      { numRuns: 300 },
    );
  });
});

describe('forks', () => {
  it('are chosen alike by all, in whatever order their blocks come: equal difficulty and height included (CLIQUE-6)', () => {
    const trunk = sealOn(genesis, 1);
    const blocks = [trunk, ...chainOn(trunk, [3, 0]), ...chainOn(trunk, [0, 2]), ...chainOn(trunk, [3, 2], 'other')];
    const heads = new Set<string>();
    fc.assert(
      fc.property(fc.shuffledSubarray(blocks, { minLength: blocks.length }), (order) => {
        const solo = observer();
        solo.hear(...order);
        heads.add(solo.headHash());
      }),
      { numRuns: 200 },
    );
    expect(heads.size).toBe(1);
  });

  it('count what a reorganisation dropped (CLIQUE-14)', () => {
    const solo = observer();
    solo.hear(...chainOn(genesis, [2, 3]));
    expect(deepestReversalOf(solo.state)).toBe(0);
    solo.hear(...chainOn(genesis, [1, 2]));
    expect(deepestReversalOf(solo.state)).toBe(2);
    expect(solo.rules).toContain('CLIQUE-14');
  });

  it('commit what the depth lies on, in order, each with its own seal alone (CLIQUE-9)', () => {
    const solo = observer();
    const chain = chainOn(genesis, [1, 2, 3, 0, 1]);
    solo.hear(...[...chain].reverse());
    expect(committed(solo)).toEqual(hashes(chain.slice(0, 2)));
    const { engine, round: total, signatures, path } = solo.of('commit')[1]?.certificate ?? {};
    expect({ engine, total, path }).toEqual({ engine: 'clique', total: 4, path: [] });
    expect(signatures).toEqual([{ validator: memberAt(2).id, signature: (chain[1] as Sealed).seal.signature }]);
  });

  it('that are heavier below a confirmed block stop the node, once more than half of the set sealed them (CLIQUE-10)', () => {
    const solo = observer();
    const ours = chainOn(genesis, [0, 3, 2, 1]);
    solo.hear(...ours);
    expect(committed(solo)).toHaveLength(1);
    const theirs = chainOn(genesis, [1, 2, 3, 0]);
    expect(solo.hear(...theirs.slice(0, 2))).toEqual([]);
    expect(only(solo.hear(theirs[2] as Sealed), 'halt')).toEqual([{ type: 'halt', code: 'clique.deep-reversal' }]);
    expect(solo.hear(theirs[3] as Sealed)).toEqual([]);
  });

  it('that two validators of four made heavier stop nobody', () => {
    const solo = observer();
    const ours = chainOn(genesis, [0, 3, 2, 1]);
    solo.hear(...ours);
    const rival = sealOn(genesis, 1, 'x');
    const more = [sealOn(rival, 2, 'x'), sealOn(rival, 2, 'y')];
    solo.hear(rival, ...more, ...more.map((block) => sealOn(block, 1, 'x')));
    expect(solo.of('halt')).toEqual([]);
  });
});

describe('double seals (CLIQUE-11)', () => {
  it('are reported once, with proof, and their blocks count', () => {
    const solo = observer();
    const twice = [sealOn(genesis, 1, 'a'), sealOn(genesis, 1, 'b')] as [Sealed, Sealed];
    solo.hear(...twice, ...twice);
    const [found, ...more] = solo.of('evidence');
    expect(more).toEqual([]);
    const evidence = decodeEvidence(found?.evidence ?? new Uint8Array(0));
    expect(evidence.ok && verifyEvidence(primitives, chainId, set, evidence.value).ok).toBe(true);
    const better = hashes(twice).sort()[0] as string;
    expect(solo.headHash()).toBe(better);
  });

  it('a third block of one place is taken up only where it was asked for', () => {
    const solo = observer();
    const many = ['a', 'b', 'c', 'd'].map((name) => sealOn(genesis, 1, name));
    solo.hear(...many);
    expect(solo.of('judge')).toHaveLength(2);
    const last = many[3] as Sealed;
    solo.hear(...chainOn(last, [2, 3]).slice(1));
    solo.hear(sealOn(last, 2));
    solo.hear(last);
    expect(solo.headHash()).toBe(toHex((chainOn(last, [2, 3])[1] as Sealed).hash));
  });
});
